import { readFileSync } from "node:fs";
import { textOf } from "../errors.ts";

/** --env-file and --label-file: lines of name=value, # comments; then what the options say themselves. */
export function keyValues(files: string[], options: string[], lookUp: (name: string) => string | undefined): string[] {
  return [...files.flatMap((file) => linesOf(file, lookUp)), ...options];
}

function linesOf(file: string, lookUp: (name: string) => string | undefined): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`open ${file}: ${textOf(error).replace(/^E[A-Z]+: (.*?), .*$/, "$1")}`);
  }
  const lines: string[] = [];
  for (const raw of text.replace(/^﻿/, "").split("\n")) {
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf("=");
    const name = (at < 0 ? line : line.slice(0, at)).trimStart();
    if (/[ \t]/.test(name)) throw new Error(`invalid env file (${file}): variable '${name}' contains whitespaces`);
    if (name === "") throw new Error(`invalid env file (${file}): no variable name on line '${line}'`);
    const value = at >= 0 ? undefined : lookUp(name);
    // A name alone takes the value that it has here; without one it is left out.
    if (at >= 0) lines.push(line);
    else if (value !== undefined) lines.push(`${name}=${value}`);
  }
  return lines;
}

/** Labels have no value elsewhere. */
export const noValue = (): undefined => undefined;
export const environment = (name: string): string | undefined => process.env[name];

/** name=value texts as a map; a name alone has an empty value. */
export function toMap(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** An empty map is left out of a body. */
export const orAbsent = <T extends object>(value: T): T | undefined => (Object.keys(value).length ? value : undefined);
