import type { LogConfig, RestartPolicy } from "../../wire/container.ts";
import { toMap } from "./key-value-files.ts";

/** "on-failure:3". @throws in docker's words; whether the name is known is the engine's to say */
export function restartPolicyOf(text: string): RestartPolicy {
  const [name = "", ...rest] = text.split(":");
  const count = rest.join(":");
  if (rest.length && name === "") throw new Error("invalid restart policy format: no policy provided before colon");
  if (rest.length && !/^[+-]?\d+$/.test(count))
    throw new Error("invalid restart policy format: maximum retry count must be an integer");
  return { Name: name as RestartPolicy["Name"], MaximumRetryCount: Number(count || 0) };
}

export function loggingOf(driver: string, options: string[]): LogConfig {
  if (driver === "none" && options.length) throw new Error(`invalid logging opts for driver ${driver}`);
  return { Type: driver, Config: toMap(options) };
}

export function storageOf(options: string[]): Record<string, string> {
  if (options.some((option) => !option.includes("="))) throw new Error("invalid storage option");
  return toMap(options);
}
