/** HEALTHCHECK NONE | [--interval=30s …] CMD … */
import type { HealthConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

const OPTIONS: Record<string, "Interval" | "Timeout" | "StartPeriod" | "StartInterval"> = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
};
const NANOSECONDS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

export function healthcheckOf(rest: string, jsonWords: (text: string) => string[] | undefined): HealthConfig {
  const health: HealthConfig = {};
  let text = rest;
  for (let flag = takeFlag(text); flag; flag = takeFlag(text)) {
    text = flag.rest;
    const key = OPTIONS[flag.name];
    if (key) health[key] = duration(flag.value);
    else if (flag.name === "retries" && /^\d+$/.test(flag.value)) health.Retries = Number(flag.value);
    else throw invalid(`unknown flag: ${flag.name}`);
  }
  const [, type = "", args = ""] = /^(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (type.toUpperCase() === "NONE") return { Test: ["NONE"] };
  if (type.toUpperCase() !== "CMD") throw invalid(`unknown type in HEALTHCHECK (try CMD)`);
  if (args === "") throw invalid("missing command after HEALTHCHECK CMD");
  const words = jsonWords(args);
  return { Test: words ? ["CMD", ...words] : ["CMD-SHELL", args], ...health };
}

function takeFlag(text: string): { name: string; value: string; rest: string } | undefined {
  const match = /^--([a-z-]+)=(\S+)\s*([\s\S]*)$/.exec(text);
  return match ? { name: match[1] ?? "", value: match[2] ?? "", rest: match[3] ?? "" } : undefined;
}

/** Go's durations: 1h30m, 1.5s. */
function duration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== text) {
    throw invalid(`time: invalid duration "${text}"`);
  }
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (NANOSECONDS[unit ?? "ns"] ?? 1), 0);
}
