/** Log drivers and their options. */
import type { MonitorSpec } from "../../isolation/spec.ts";
import type { ContainerConfig, LogConfig } from "../../wire/container.ts";
import { invalid, notImplemented } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";

const OPTIONS = [
  "max-size",
  "max-file",
  "compress",
  "labels",
  "labels-regex",
  "env",
  "env-regex",
  "tag",
  "mode",
  "max-buffer-size",
];

/** Throws invalid with docker's texts. */
export function validateLogConfig({ Type: driver, Config: options }: LogConfig): void {
  if (driver === "local") throw notImplemented("the log driver local is not implemented: use json-file or none");
  if (driver !== "json-file" && driver !== "none")
    throw invalid(`logger: no log driver named '${driver}' is registered`);
  if (driver === "none") return;
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw invalid(`unknown log opt '${name}' for json-file log driver`);
  }
  const { maxSize, maxFiles, compress } = rotation(options);
  if (maxSize === 0 && maxFiles > 1) throw invalid("max-file can't be set without max-size");
  if (compress && (maxFiles < 2 || maxSize === 0)) {
    throw invalid("compress cannot be true when max-file is less than 2 or max-size is not set");
  }
}

/** @returns null for the driver none */
export function logSpec(
  record: Pick<ContainerRecord, "id" | "name" | "config" | "hostConfig">,
  path: string,
): MonitorSpec["log"] {
  const { Type: driver, Config: options } = record.hostConfig.LogConfig;
  if (driver === "none") return null;
  return { path, ...rotation(options), attrs: attributes(record, options) };
}

function rotation(options: LogConfig["Config"]): { maxSize: number; maxFiles: number; compress: boolean } {
  const maxFiles = Number(options["max-file"] ?? 1);
  if (!Number.isInteger(maxFiles)) throw invalid(`strconv.Atoi: parsing "${options["max-file"]}": invalid syntax`);
  if (maxFiles < 1) throw invalid("max-file cannot be less than 1");
  const compress = options.compress ?? "false";
  if (!["true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False"].includes(compress)) {
    throw invalid(`strconv.ParseBool: parsing "${compress}": invalid syntax`);
  }
  return { maxSize: sizeOf(options["max-size"] ?? ""), maxFiles, compress: /^(1|t)/i.test(compress) };
}

const UNITS: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** "10m" in bytes; "" and "-1" are 0: no limit. */
function sizeOf(text: string): number {
  if (text === "" || text === "-1") return 0;
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text);
  if (!match) throw invalid(`invalid size: '${text}'`);
  return Math.floor(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1));
}

/** The labels and variables that every line of the log carries. */
function attributes(
  { id, name, config }: Pick<ContainerRecord, "id" | "name" | "config">,
  options: LogConfig["Config"],
): string {
  const chosen: Record<string, string> = {};
  const pick = (from: Record<string, string>, names = "", expression = "") => {
    const wanted = names.split(",").filter((it) => it !== "");
    const pattern = expression === "" ? undefined : new RegExp(expression);
    for (const [key, value] of Object.entries(from)) {
      if (wanted.includes(key) || pattern?.test(key)) chosen[key] = value;
    }
  };
  pick(config.Labels, options.labels, options["labels-regex"]);
  pick(variables(config), options.env, options["env-regex"]);
  if (options.tag) chosen.tag = tagText(options.tag, { id, name, image: config.Image });
  return Object.keys(chosen).length > 0 ? JSON.stringify(chosen) : "";
}

function variables({ Env }: Pick<ContainerConfig, "Env">): Record<string, string> {
  return Object.fromEntries(
    Env.filter((entry) => entry.includes("=")).map((entry) => {
      const cut = entry.indexOf("=");
      return [entry.slice(0, cut), entry.slice(cut + 1)];
    }),
  );
}

/** The fields of docker's tag templates. */
function tagText(template: string, of: { id: string; name: string; image: string }): string {
  const fields: Record<string, string> = {
    ID: of.id.slice(0, 12),
    FullID: of.id,
    Name: of.name,
    ImageName: of.image,
    DaemonName: "docker",
  };
  return template.replaceAll(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, field: string) => fields[field] ?? whole);
}
