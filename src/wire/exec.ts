/** Bodies of the exec operations, decoded. */
import { InvalidInput } from "../lib/invalid-input.ts";

export type ExecCreateBody = {
  cmd: string[];
  tty: boolean;
  attachStdin: boolean;
  attachStdout: boolean;
  attachStderr: boolean;
  env: string[];
  workingDir: string;
  user: string;
  privileged: boolean;
  detachKeys: string | undefined;
  consoleSize: [number, number];
};

export type ExecStartBody = { detach: boolean; tty: boolean; consoleSize: [number, number] | undefined };

/** @throws InvalidInput */
export function decodeExecCreate(body: unknown): ExecCreateBody {
  const fields = asObject(body);
  const cmd = fields.Cmd;
  return {
    cmd: typeof cmd === "string" ? [cmd] : texts("Cmd", cmd),
    tty: flag("Tty", fields.Tty),
    attachStdin: flag("AttachStdin", fields.AttachStdin),
    attachStdout: flag("AttachStdout", fields.AttachStdout),
    attachStderr: flag("AttachStderr", fields.AttachStderr),
    env: texts("Env", fields.Env),
    workingDir: text("WorkingDir", fields.WorkingDir),
    user: text("User", fields.User),
    privileged: flag("Privileged", fields.Privileged),
    detachKeys: text("DetachKeys", fields.DetachKeys) || undefined,
    consoleSize: size(fields.ConsoleSize) ?? [0, 0],
  };
}

/** @throws InvalidInput */
export function decodeExecStart(body: unknown): ExecStartBody {
  const fields = body === undefined || body === null ? {} : asObject(body);
  return {
    detach: flag("Detach", fields.Detach),
    tty: flag("Tty", fields.Tty),
    consoleSize: size(fields.ConsoleSize),
  };
}

function asObject(body: unknown): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new InvalidInput("invalid JSON: an object is expected");
  }
  return body as Record<string, unknown>;
}

function flag(name: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new InvalidInput(`invalid JSON: ${name} must be a boolean`);
  return value;
}

function text(name: string, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string" || value.includes("\0"))
    throw new InvalidInput(`invalid JSON: ${name} must be a string`);
  return value;
}

function texts(name: string, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidInput(`invalid JSON: ${name} must be an array of strings`);
  return value.map((item) => text(name, item ?? 0));
}

function size(value: unknown): [number, number] | undefined {
  if (value === undefined || value === null) return undefined;
  const isDimension = (item: unknown) => Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 65535;
  if (!Array.isArray(value) || value.length !== 2 || !value.every(isDimension)) {
    throw new InvalidInput("invalid JSON: ConsoleSize must be [rows, columns]");
  }
  return [Number(value[0]), Number(value[1])];
}
