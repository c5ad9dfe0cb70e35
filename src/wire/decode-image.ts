/** Decodes image configurations: attacker's input, whether pulled, loaded or found on disk. */
import { InvalidInput } from "../lib/invalid-input.ts";
import type { HealthConfig } from "./container.ts";
import type { ImageConfig, ImageHistory, ImageManifestConfig } from "./image.ts";
import { isDigest } from "./reference.ts";

const MAX_LAYERS = 127;

/**
 * @param bytes the configuration blob
 * @returns fields of known names are checked, unknown ones kept as they are
 * @throws InvalidInput
 */
export function decodeImageConfig(bytes: Uint8Array): ImageManifestConfig {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new InvalidInput("invalid image configuration: not JSON", { cause });
  }
  const fields = record(document, "the document");
  const config = fields.config;
  const history = fields.history;
  return {
    ...fields,
    ...optional("created", text(fields.created, "created")),
    ...optional("author", text(fields.author, "author")),
    ...optional("variant", text(fields.variant, "variant")),
    architecture: text(fields.architecture, "architecture") ?? "",
    os: text(fields.os, "os") ?? "",
    ...optional("config", config === undefined || config === null ? undefined : decodeConfig(record(config, "config"))),
    rootfs: { type: "layers", diff_ids: diffIds(fields.rootfs) },
    ...optional("history", history === undefined || history === null ? undefined : decodeHistory(history)),
  };
}

function decodeConfig(fields: Record<string, unknown>): ImageConfig {
  return {
    ...optional("User", text(fields.User, "User")),
    ...optional("ExposedPorts", keys(fields.ExposedPorts, "ExposedPorts")),
    ...optional("Env", texts(fields.Env, "Env") ?? undefined),
    ...optional("Entrypoint", texts(fields.Entrypoint, "Entrypoint")),
    ...optional("Cmd", texts(fields.Cmd, "Cmd")),
    ...optional("Volumes", keys(fields.Volumes, "Volumes")),
    ...optional("WorkingDir", text(fields.WorkingDir, "WorkingDir")),
    ...optional("Labels", labels(fields.Labels)),
    ...optional("StopSignal", text(fields.StopSignal, "StopSignal")),
    ...optional("Healthcheck", healthcheck(fields.Healthcheck)),
    ...optional("OnBuild", texts(fields.OnBuild, "OnBuild")),
    ...optional("Shell", texts(fields.Shell, "Shell") ?? undefined),
    ...(fields.ArgsEscaped === true ? { ArgsEscaped: true } : {}),
  };
}

function healthcheck(value: unknown): HealthConfig | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = record(value, "Healthcheck");
  const health: HealthConfig = {};
  const test = texts(fields.Test, "Healthcheck.Test");
  if (test) health.Test = test;
  for (const key of ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] as const) {
    const number = fields[key];
    if (number === undefined || number === null) continue;
    if (typeof number !== "number") throw wrong(`Healthcheck.${key}`);
    health[key] = number;
  }
  return health;
}

function decodeHistory(value: unknown): ImageHistory[] {
  if (!Array.isArray(value)) throw wrong("history");
  return value.map((item) => {
    const fields = record(item, "history");
    return {
      ...optional("created", text(fields.created, "created")),
      ...optional("created_by", text(fields.created_by, "created_by")),
      ...optional("author", text(fields.author, "author")),
      ...optional("comment", text(fields.comment, "comment")),
      ...(fields.empty_layer === true ? { empty_layer: true } : {}),
    };
  });
}

function diffIds(value: unknown): string[] {
  const ids = record(value, "rootfs").diff_ids ?? [];
  if (!Array.isArray(ids) || ids.length > MAX_LAYERS) throw wrong("rootfs.diff_ids");
  return ids.map((id) => {
    if (typeof id !== "string" || !isDigest(id)) throw wrong("rootfs.diff_ids");
    return id;
  });
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

function text(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || value.includes("\0")) throw wrong(where);
  return value;
}

/** null is docker's word for "none", and is kept apart from "not mentioned". */
function texts(value: unknown, where: string): string[] | null | undefined {
  if (value === undefined || value === null) return value;
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw wrong(where);
  return value.map((item) => text(item, where) ?? "");
}

function keys(value: unknown, where: string): Record<string, object> | undefined {
  if (value === undefined || value === null) return undefined;
  return Object.fromEntries(Object.keys(record(value, where)).map((key) => [key, {}]));
}

function labels(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const pairs = Object.entries(record(value, "Labels"));
  return Object.fromEntries(pairs.map(([key, item]) => [key, text(item, `Labels.${key}`) ?? ""]));
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(where);
  return value as Record<string, unknown>;
}

const wrong = (where: string) => new InvalidInput(`invalid image configuration: ${where}`);
