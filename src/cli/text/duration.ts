const UNITS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/**
 * Go's duration text ("1h15m", "300ms", "-1.5s") in nanoseconds.
 * @throws in the words of Go's time.ParseDuration
 */
export function duration(value: string): number {
  const body = value.replace(/^[+-]/, "");
  if (body === "0") return 0;
  const bad = new Error(`time: invalid duration ${JSON.stringify(value)}`);
  if (body === "") throw bad;
  let total = 0;
  for (let rest = body; rest !== ""; ) {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (!part) throw bad;
    const [whole, number = "", unit = ""] = part;
    if (unit === "") throw new Error(`time: missing unit in duration ${JSON.stringify(value)}`);
    const scale = UNITS[unit];
    if (!scale) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(value)}`);
    total += Math.trunc(Number(number) * scale);
    rest = rest.slice(whole.length);
  }
  return value.startsWith("-") ? -total : total;
}

/** How long, in docker's round words: "About a minute", "3 days". @param seconds may have a fraction */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 14) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 60) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(seconds / 3600 / 24 / 365)} years`;
}

/** "3 days ago" of a time in seconds since 1970. */
export const ago = (unixSeconds: number, now = Date.now()): string => `${humanDuration(now / 1000 - unixSeconds)} ago`;
