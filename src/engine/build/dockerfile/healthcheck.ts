/** HEALTHCHECK NONE | [--interval=30s …] CMD … */
import type { HealthConfig } from "../../../wire/container.ts";
import { invalid } from "../../errors.ts";
import { jsonWords } from "./words.ts";

const OPTIONS = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
} as const;
const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const LEAST = 1e6;

/** @throws EngineError invalid */
export function healthcheckOf(flags: Record<string, string>, args: string): HealthConfig {
  if (args === "") throw invalid("HEALTHCHECK requires at least one argument");
  const [, type = "", command = ""] = /^(\S+)\s*([\s\S]*)$/.exec(args) ?? [];
  if (type.toUpperCase() === "NONE") {
    if (command !== "") throw invalid("HEALTHCHECK NONE takes no arguments");
    return { Test: ["NONE"] };
  }
  if (type.toUpperCase() !== "CMD") throw invalid(`Unknown type "${type.toUpperCase()}" in HEALTHCHECK (try CMD)`);
  const words = jsonWords(command);
  if (command === "" || words?.length === 0) throw invalid("Missing command after HEALTHCHECK CMD");
  const health: HealthConfig = { Test: words ? ["CMD", ...words] : ["CMD-SHELL", command] };
  for (const [flag, key] of Object.entries(OPTIONS)) {
    const text = flags[flag];
    if (text === undefined || text === "") continue;
    const value = duration(text);
    if (value !== 0 && value < LEAST) throw invalid(`Interval "${flag}" cannot be less than 1ms`);
    if (value !== 0) health[key] = value;
  }
  const { retries } = flags;
  if (retries !== undefined && retries !== "") {
    if (!/^[+-]?\d+$/.test(retries)) throw invalid(`strconv.ParseInt: parsing "${retries}": invalid syntax`);
    if (Number(retries) < 0) throw invalid(`--retries cannot be negative (${retries})`);
    if (Number(retries) > 0) health.Retries = Number(retries);
  }
  return health;
}

/** Go's durations, in nanoseconds: 1h30m, 1.5s, 0. */
function duration(text: string): number {
  if (text === "0") return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) {
    throw invalid(`time: invalid duration "${text}"`);
  }
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (NANOSECONDS[unit ?? "ns"] ?? 1), 0);
}
