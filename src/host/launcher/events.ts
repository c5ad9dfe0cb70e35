/** What the launcher reports on fd 4, decoded: docs/protocol.md. */
import type { ExitRecord } from "../../engine/ports.ts";

export type LauncherEvent =
  | { event: "warning"; index: number; op: string; object: string; errno: number }
  /** signal: the child was killed before it could say why */
  | { event: "error"; index: number; op: string; object: string; errno: number; signal: number }
  /** a plan's cgroup_keep waits until this process is in the cgroup */
  | { event: "keeper"; pid: number }
  | { event: "started"; pid: number; startTime: number; monitor: number; us: [number, number][] }
  | ({ event: "exit" } & ExitRecord);

/** @throws TypeError when it is no event of the launcher's */
export function decodeEvent(value: unknown): LauncherEvent {
  const field = fieldsOf(value);
  const event = field.text("event");
  switch (event) {
    case "warning":
      return { event, ...operation(field) };
    case "error":
      return { event, ...operation(field), signal: field.number("signal", 0) };
    case "keeper":
      return { event, pid: field.number("pid") };
    case "started": {
      const us = pairs(field.raw("us"));
      return {
        event,
        pid: field.number("pid"),
        startTime: field.number("startTime"),
        monitor: field.number("monitor"),
        us,
      };
    }
    case "exit":
      return { event, ...decodeExitRecord(value) };
    default:
      throw new TypeError(`unknown launcher event: ${event}`);
  }
}

/** The exit record's file holds the same object. @throws TypeError */
export function decodeExitRecord(value: unknown): ExitRecord {
  const field = fieldsOf(value);
  return {
    exitCode: field.number("exitCode"),
    signal: field.number("signal"),
    counters: numbers(field.raw("counters")),
    finishedAt: field.text("finishedAt"),
  };
}

type Fields = ReturnType<typeof fieldsOf>;

function operation(field: Fields) {
  return {
    index: field.number("index"),
    op: field.text("op"),
    object: field.text("object"),
    errno: field.number("errno"),
  };
}

function fieldsOf(value: unknown) {
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  const values = new Map<string, unknown>(Object.entries(value));
  return {
    raw: (name: string) => values.get(name),
    text(name: string): string {
      const found = values.get(name);
      if (typeof found !== "string") throw new TypeError(`${name} is not a text`);
      return found;
    },
    number(name: string, fallback?: number): number {
      const found = values.get(name) ?? fallback;
      if (typeof found !== "number") throw new TypeError(`${name} is not a number`);
      return found;
    },
  };
}

function numbers(value: unknown): Record<string, number> {
  if (typeof value !== "object" || value === null) throw new TypeError("counters are no object");
  const entries = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === "number");
  return Object.fromEntries(entries);
}

function pairs(value: unknown): [number, number][] {
  if (!Array.isArray(value)) throw new TypeError("us is not a list");
  return value.map((pair: unknown) => {
    if (!Array.isArray(pair)) throw new TypeError("us is not a list of pairs");
    const [index, microseconds] = pair as unknown[];
    if (typeof index !== "number" || typeof microseconds !== "number")
      throw new TypeError("us holds what is no number");
    return [index, microseconds];
  });
}
