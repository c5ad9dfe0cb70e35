/** The `until` filter of prune: a moment, or how long ago. */
import { invalid } from "../errors.ts";

/**
 * @param text RFC 3339, Unix seconds (with a fraction), or a Go duration such as 1h30m
 * @param now RFC 3339
 * @returns milliseconds since the epoch. Throws invalid.
 */
export function untilTime(text: string, now: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const ago = goDuration(text);
  if (ago !== undefined) return Date.parse(now) - ago;
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw invalid(`failed to parse value as time or duration: "${text}"`);
  return moment;
}

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function goDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (UNITS[unit ?? ""] ?? 0);
  }
  return total;
}
