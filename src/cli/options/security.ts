import { readFileSync } from "node:fs";
import { textOf } from "../errors.ts";

/** Security options as sent: a seccomp profile's file is read here, systempaths=unconfined becomes two empty lists. */
export function securityOf(options: string[]): { options: string[]; systemPaths: "default" | "unconfined" } {
  const systemPaths = options.includes("systempaths=unconfined") ? "unconfined" : "default";
  return { options: options.filter((option) => option !== "systempaths=unconfined").map(one), systemPaths };
}

function one(option: string): string {
  const at = option.indexOf("=") >= 0 ? option.indexOf("=") : option.indexOf(":");
  if (at < 0 && option !== "no-new-privileges") throw new Error(`Invalid --security-opt: ${JSON.stringify(option)}`);
  const value = option.slice(at + 1);
  if (option.slice(0, at) !== "seccomp" || value === "unconfined" || value === "builtin") return option;
  let text: string;
  try {
    text = readFileSync(value, "utf8");
  } catch (error) {
    throw new Error(
      `opening seccomp profile (${value}) failed: open ${value}: ${textOf(error).replace(/^E[A-Z]+: (.*?), .*$/, "$1")}`,
    );
  }
  try {
    return `seccomp=${JSON.stringify(JSON.parse(text))}`;
  } catch (error) {
    throw new Error(`compacting json for seccomp profile (${value}) failed: ${textOf(error)}`);
  }
}
