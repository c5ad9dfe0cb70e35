/** Times in Docker's API: RFC3339 with nanoseconds, and unix seconds with a fraction; here nanoseconds as bigint. */
import { InvalidInput } from "../lib/invalid-input.ts";

/** What docker shows for "never". */
export const ZERO_TIME = "0001-01-01T00:00:00Z";

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)?$/;
const UNIX = /^(-?\d+)(?:\.(\d{1,9})\d*)?$/;

/**
 * A `since` or `until` parameter: "1136073600", "1136073600.000000001", RFC3339 ("Z" if it has no zone), or a date.
 * @returns nanoseconds since the epoch; undefined for none
 * @throws InvalidInput
 */
export function parseTimeParameter(name: string, text: string | undefined): bigint | undefined {
  if (text === undefined || text === "") return undefined;
  const unix = UNIX.exec(text);
  if (unix?.[1]) return BigInt(unix[1]) * 1_000_000_000n + fraction(unix[2]);
  const nano = rfc3339ToNano(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text);
  if (nano === undefined)
    throw new InvalidInput(`invalid value for "${name}": failed to parse value as time: "${text}"`);
  return nano;
}

/** @returns nanoseconds since the epoch; undefined if the text is no RFC3339 time */
export function rfc3339ToNano(text: string): bigint | undefined {
  const match = RFC3339.exec(text);
  if (!match?.[1]) return undefined;
  const millis = Date.parse(`${match[1]}${match[3] ?? "Z"}`);
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + fraction(match[2]);
}

/**
 * RFC3339 in UTC with all nine digits, as `docker logs --timestamps` prints.
 * @param text RFC3339Nano in UTC, whose trailing zeros may be cut
 */
export function padNano(text: string): string {
  const [seconds = "", digits = ""] = text.replace(/Z$/, "").split(".", 2);
  return `${seconds}.${digits.padEnd(9, "0")}Z`;
}

/** RFC3339Nano in UTC as Go prints it: trailing zeros of the fraction are cut. */
export function nanoToRfc3339(nano: bigint): string {
  const seconds = new Date(Number(nano / 1_000_000n)).toISOString().slice(0, 19);
  const digits = String(nano % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${digits === "" ? "" : `.${digits}`}Z`;
}

function fraction(digits: string | undefined): bigint {
  return digits === undefined ? 0n : BigInt(digits.padEnd(9, "0"));
}
