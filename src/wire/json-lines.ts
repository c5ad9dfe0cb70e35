/** Newline-delimited JSON with 64 bit numbers: events carry timeNano, which a double cannot hold. */

/** JSON.rawJSON (ES2026; in Node from 22 on): a number's text goes into the JSON as it is. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON text of a value in which bigints are numbers. */
export function stringifyWithBigint(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));
}

/** One line of JSON, newline included. */
export function jsonLine(value: unknown): string {
  return `${stringifyWithBigint(value)}\n`;
}
