/** IPv6 addresses as text and as 128 bit numbers. */
import { formatIpv4, parseIpv4 } from "./ipv4.ts";

/**
 * @param text any form of RFC 4291 section 2.2, without zone
 * @returns the address as a number, or undefined if the text is none
 */
export function parseIpv6(text: string): bigint | undefined {
  const plain = withoutDottedQuad(text);
  if (plain === undefined) return undefined;
  const halves = plain.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? "");
  const tail = halves.length === 2 ? groups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return all.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The canonical text of RFC 5952: lower case, the longest run of zero groups (two at least) as "::". */
export function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(Number(value & 0xffffffffn))}`;
  const all = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  const run = longestZeroRun(all);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return text(all);
  return `${text(all.slice(0, run.start))}::${text(all.slice(run.start + run.length))}`;
}

function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  return parts.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part)) ? parts.map((part) => parseInt(part, 16)) : undefined;
}

/** ::ffff:192.0.2.1 -> ::ffff:c000:201 */
function withoutDottedQuad(text: string): string | undefined {
  if (!text.includes(".")) return text;
  const cut = text.lastIndexOf(":");
  const value = parseIpv4(text.slice(cut + 1));
  if (cut < 0 || value === undefined) return undefined;
  return `${text.slice(0, cut + 1)}${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
}

function longestZeroRun(all: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = -1;
  for (const [index, group] of all.entries()) {
    if (group !== 0) start = -1;
    else if (start < 0) start = index;
    if (start >= 0 && index - start + 1 > best.length) best = { start, length: index - start + 1 };
  }
  return best;
}
