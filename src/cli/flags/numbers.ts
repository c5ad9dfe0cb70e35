/** Numbers of the command line, read and refused in the words of Go's strconv, which docker's users know. */

/** @throws as strconv.ParseBool */
export function boolFromText(value: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
}

/** A signed 64 bit integer: decimal, or 0x, 0o, 0b. */
export function intFromText(value: string): number {
  const number = integer(value, /^[+-]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)$/, "ParseInt");
  if (number > 2n ** 63n - 1n || number < -(2n ** 63n)) throw outOfRange("ParseInt", value);
  return Number(number);
}

/** An unsigned integer of 16 or 64 bits. */
export function uintFromText(value: string, bits: 16 | 64): number {
  const number = integer(value, /^(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[0-9]+)$/, "ParseUint");
  if (number >= 2n ** BigInt(bits)) throw outOfRange("ParseUint", value);
  return Number(number);
}

/** "1.5" CPUs -> 1500000000. */
export function cpusFromText(value: string): number {
  const fraction = /^([+-]?\d+)\/(\d+)$/.exec(value);
  const cpus = fraction ? Number(fraction[1]) / Number(fraction[2]) : Number(value);
  if (value.trim() === "" || !Number.isFinite(cpus)) throw new Error(`failed to parse ${value} as a rational number`);
  const nano = cpus * 1e9;
  if (Math.abs(nano - Math.round(nano)) > 1e-6) throw new Error("value is too precise");
  return Math.round(nano);
}

function integer(value: string, shape: RegExp, call: string): bigint {
  if (!shape.test(value)) throw new Error(`strconv.${call}: parsing ${JSON.stringify(value)}: invalid syntax`);
  const digits = value.replace(/^[+-]/, "").replace(/^0(?=[0-7])/, "0o");
  return value.startsWith("-") ? -BigInt(digits) : BigInt(digits);
}

const outOfRange = (call: string, value: string) =>
  new Error(`strconv.${call}: parsing ${JSON.stringify(value)}: value out of range`);
