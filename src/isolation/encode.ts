/** Plan -> bytes for the launcher. docs/protocol.md has the format. */
import { type ArgumentKind, opTable } from "./op-table.ts";
import type { OpName, Plan, PlannedOp, Stage } from "./plan.ts";

const stageNumbers: Record<Stage, number> = { launcher: 0, parent: 1, container: 2, exit: 3 };
/** Values of the one enum among the arguments: bind's `create`. */
const createNumbers = { none: 0, dir: 1, file: 2 };

type Value = string | number | boolean | Uint8Array | readonly string[] | readonly number[];

/**
 * Encodes a plan for the launcher.
 * @returns header and records; throws TypeError on a value that cannot travel (a text with NUL, a number that is no 64 bit integer)
 */
export function encodePlan(plan: Plan): Uint8Array {
  const header = Buffer.from("CLOCHE\0\0\0\0\0\0", "latin1");
  header[7] = plan.version;
  header.writeUInt32LE(plan.ops.length, 8);
  return Buffer.concat([header, ...plan.ops.map(encodeOp)]);
}

function encodeOp(op: PlannedOp): Buffer {
  const { code, fields } = opTable[op.op];
  const values = new Map<string, Value>(Object.entries(op));
  const parts = Object.entries<ArgumentKind>(fields).map(([name, kind]) =>
    encodeArgument(op.op, name, kind, values.get(name)),
  );
  const head = Buffer.alloc(8);
  head.writeUInt32LE(4 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  head.writeUInt16LE(code, 4);
  head[6] = stageNumbers[op.stage];
  head[7] = parts.length;
  return Buffer.concat([head, ...parts]);
}

function encodeArgument(op: OpName, name: string, kind: ArgumentKind, value: Value | undefined): Buffer {
  const bytes = value === undefined ? undefined : encodeValue(kind, value);
  if (bytes === undefined) throw new TypeError(`${op}: ${name} cannot be encoded: ${JSON.stringify(value)}`);
  const argument = Buffer.alloc(4 + bytes.length + 1);
  argument.writeUInt32LE(bytes.length, 0);
  argument.set(bytes, 4);
  return argument;
}

/** undefined: the value does not fit its kind. */
function encodeValue(kind: ArgumentKind, value: Value): Uint8Array | undefined {
  if (kind === "s") return typeof value === "string" ? text(value) : undefined;
  if (kind === "b") return value instanceof Uint8Array ? value : undefined;
  if (kind === "u" || kind === "i") return integer(kind, value);
  if (!Array.isArray(value)) return undefined;
  return kind === "l" ? texts(value) : numbers(value);
}

function text(value: string): Uint8Array | undefined {
  return value.includes("\0") ? undefined : Buffer.from(value);
}

function texts(values: readonly unknown[]): Uint8Array | undefined {
  if (!values.every((value) => typeof value === "string" && !value.includes("\0"))) return undefined;
  return Buffer.from(values.map((value) => `${value}\0`).join(""));
}

function numbers(values: readonly unknown[]): Uint8Array | undefined {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffffffff) return undefined;
    bytes.writeUInt32LE(value, index * 4);
  }
  return bytes;
}

/** Booleans, `create`'s words, numbers, and decimal texts for masks beyond 2^53. */
function integer(kind: "u" | "i", value: Value): Uint8Array | undefined {
  const number = toBigInt(value);
  if (number === undefined) return undefined;
  const wrapped = kind === "u" ? BigInt.asUintN(64, number) : BigInt.asIntN(64, number);
  if (wrapped !== number) return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, number));
  return bytes;
}

function toBigInt(value: Value): bigint | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (value === "none" || value === "dir" || value === "file") return BigInt(createNumbers[value]);
  return typeof value === "string" && /^[0-9]+$/.test(value) ? BigInt(value) : undefined;
}
