/**
 * Log drivers: json-file, local and none. Both writing ones keep the same lines, which the monitor writes; local has other
 * defaults, as docker's, and no attributes. Docker looks at the names of options at create, at their values at start.
 */
import type { MonitorSpec } from "../../isolation/spec.ts";
import type { LogConfig } from "../../wire/container.ts";
import { EngineError, internal, invalid } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import { logAttributes } from "./log-attributes.ts";

export const LOG_DRIVERS = ["json-file", "local", "none"] as const;

const ROTATION = ["max-size", "max-file", "compress"];
const ATTRIBUTES = ["labels", "labels-regex", "env", "env-regex", "tag"];
/** Of all drivers: whether a slow driver may hold the container up, which none here does. */
const DELIVERY = ["mode", "max-buffer-size"];

/** Throws invalid with docker's texts. */
export function validateLogConfig({ Type: driver, Config: options }: LogConfig): void {
  if (driver === "none") return;
  const { mode = "" } = options;
  const buffer = options["max-buffer-size"];
  if (!["", "blocking", "non-blocking"].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  if (buffer !== undefined) {
    if (mode !== "non-blocking") {
      throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    }
    if (sizeOf(buffer) === undefined) throw invalid(`error parsing option max-buffer-size: invalid size: '${buffer}'`);
  }
  if (driver !== "json-file" && driver !== "local") {
    throw invalid(`error looking up logging plugin ${driver}: plugin "${driver}" not found`);
  }
  const known = [...ROTATION, ...DELIVERY, ...(driver === "json-file" ? ATTRIBUTES : [])];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw invalid(
    driver === "local"
      ? `unknown log opt '${unknown}' for log driver local`
      : `unknown log opt '${unknown}' for json-file log driver`,
  );
}

/** What a container asks for, completed by the engine's defaults: its options count where its driver is used. */
export function withLogDefaults(asked: LogConfig, defaults: LogConfig): LogConfig {
  const Type = asked.Type || defaults.Type;
  return { Type, Config: Type === defaults.Type ? { ...defaults.Config, ...asked.Config } : asked.Config };
}

/**
 * What the monitor is told.
 * @returns null for the driver none. Throws internal "failed to initialize logging driver: …", as docker at start
 */
export function logSpec(
  record: Pick<ContainerRecord, "id" | "name" | "imageId" | "path" | "args" | "config" | "hostConfig">,
  path: string,
): MonitorSpec["log"] {
  const { Type: driver, Config: options } = record.hostConfig.LogConfig;
  if (driver === "none") return null;
  try {
    if (driver === "local") return { path, ...localRotation(options), attrs: "" };
    return { path, ...jsonRotation(options), attrs: logAttributes(record, options) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw internal(`failed to initialize logging driver: ${error.message}`);
  }
}

type Rotation = { maxSize: number; maxFiles: number; compress: boolean };
type Options = LogConfig["Config"];

function jsonRotation(options: Options): Rotation {
  const maxSize = byteSize(options["max-size"]) ?? 0;
  if (options["max-size"] !== undefined && maxSize <= 0) throw invalid("max-size must be a positive number");
  const maxFiles = integer(options["max-file"]) ?? 1;
  if (maxFiles < 1) throw invalid("max-file cannot be less than 1");
  const compress = boolean(options.compress) ?? false;
  if (compress && (maxFiles < 2 || maxSize === 0)) {
    throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
  return { maxSize, maxFiles, compress };
}

function localRotation(options: Options): Rotation {
  const within = <T>(text: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw invalid(`${text}: ${(error as Error).message}`);
    }
  };
  const size = options["max-size"];
  const files = options["max-file"];
  const rotation = {
    maxSize: within(`invalid value for max-size: ${size}`, () => byteSize(size)) ?? 20_000_000,
    maxFiles: within(`invalid value for max-file: ${files}`, () => integer(files)) ?? 5,
    compress: within("error reading compress log option", () => boolean(options.compress)) ?? true,
  };
  if (rotation.compress && rotation.maxFiles <= 1) {
    throw invalid("compression cannot be enabled when max file count is 1");
  }
  return { ...rotation, maxFiles: Math.max(1, rotation.maxFiles) };
}

// -- values as Go reads them; undefined stays undefined -----------------------------------------------------------------

function byteSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = sizeOf(text);
  if (size === undefined) throw invalid(`invalid size: '${text}'`);
  return size;
}

const UNITS: Record<string, number> = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };

/** "10m" in bytes: docker's units of logs are decimal. */
function sizeOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text);
  return match ? Math.floor(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1)) : undefined;
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,9}$/.test(text)) throw invalid(`strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

function boolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw invalid(`strconv.ParseBool: parsing "${text}": invalid syntax`);
}
