/** Plan -> bytes for the launcher. docs/protocol.md has the format. */
import { type ArgumentKind, opTable } from "./op-table.ts";
import type { OpName, Plan, PlannedOp, Stage } from "./plan.ts";

const stageNumbers: Record<Stage, number> = { launcher: 0, parent: 1, container: 2, exit: 3 };
/** Values of the one enum among the arguments: bind's `create`. */
const createNumbers = { none: 0, dir: 1, file: 2 };

/** Code and arguments of each operation, taken apart once. */
const shapes = new Map(
  Object.entries(opTable).map(([op, { code, fields }]) => [
    op as OpName,
    { code, fields: Object.entries<ArgumentKind>(fields) },
  ]),
);

/**
 * Encodes a plan for the launcher. One buffer is written through from the front: a plan has some 300 arguments, and a
 * buffer for each of them took longer than the launcher takes for half of its operations.
 * @returns header and records; throws TypeError on a value that cannot travel (a text with NUL, a number that is no 64 bit integer)
 */
export function encodePlan(plan: Plan): Uint8Array {
  const out = writer();
  out.bytes(Buffer.from("CLOCHE\0", "latin1"));
  out.u8(plan.version);
  out.u32(plan.ops.length);
  for (const op of plan.ops) encodeOp(out, op);
  return out.done();
}

function encodeOp(out: Writer, op: PlannedOp): void {
  const shape = shapes.get(op.op);
  if (!shape) throw new TypeError(`${op.op}: no such operation`);
  const start = out.hole();
  out.u16(shape.code);
  out.u8(stageNumbers[op.stage]);
  out.u8(shape.fields.length);
  for (const [name, kind] of shape.fields) {
    const value: unknown = Reflect.get(op, name);
    const length = out.hole();
    if (!encodeValue(out, kind, value))
      throw new TypeError(`${op.op}: ${name} cannot be encoded: ${JSON.stringify(value)}`);
    out.fill(length);
    out.u8(0);
  }
  out.fill(start);
}

/** @returns false when the value does not fit its kind */
function encodeValue(out: Writer, kind: ArgumentKind, value: unknown): boolean {
  switch (kind) {
    case "s":
      return isText(value) && out.text(value);
    case "b":
      return value instanceof Uint8Array && out.bytes(value);
    case "u":
    case "i":
      return encodeInteger(out, kind, value);
    case "l":
      return Array.isArray(value) && value.every((item) => isText(item) && out.text(item) && out.u8(0));
    case "n":
      return Array.isArray(value) && value.every((item) => isU32(item) && out.u32(item));
    default:
      throw new TypeError(`unknown kind of argument: ${kind satisfies never}`);
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && !value.includes("\0");

const isU32 = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffffffff;

/** Booleans, `create`'s words, numbers, and decimal texts for masks beyond 2^53. */
function encodeInteger(out: Writer, kind: "u" | "i", value: unknown): boolean {
  const small = typeof value === "boolean" ? Number(value) : value;
  if (isU32(small)) return out.u32(small) && out.u32(0);
  const number = toBigInt(value);
  if (number === undefined) return false;
  const wrapped = kind === "u" ? BigInt.asUintN(64, number) : BigInt.asIntN(64, number);
  if (wrapped !== number) return false;
  const bits = BigInt.asUintN(64, number);
  return out.u32(Number(bits & 0xffffffffn)) && out.u32(Number(bits >> 32n));
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  if (value === "none" || value === "dir" || value === "file") return BigInt(createNumbers[value]);
  return typeof value === "string" && /^[0-9]+$/.test(value) ? BigInt(value) : undefined;
}

type Writer = ReturnType<typeof writer>;

/** Appends little-endian numbers, bytes and texts; every step returns true, so that steps chain by &&. */
function writer() {
  let buffer = Buffer.allocUnsafe(16 * 1024);
  let length = 0;
  const room = (more: number) => {
    if (length + more <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + more));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    u8(value: number): true {
      room(1);
      buffer[length++] = value;
      return true;
    },
    u16(value: number): true {
      room(2);
      length = buffer.writeUInt16LE(value, length);
      return true;
    },
    u32(value: number): true {
      room(4);
      length = buffer.writeUInt32LE(value, length);
      return true;
    },
    bytes(value: Uint8Array): true {
      room(value.length);
      buffer.set(value, length);
      length += value.length;
      return true;
    },
    text(value: string): true {
      room(value.length * 3); // UTF-8 of UTF-16 is at most that
      length += buffer.write(value, length);
      return true;
    },
    /** Four bytes that `fill` sets to the number of bytes written since. */
    hole(): number {
      room(4);
      length += 4;
      return length;
    },
    fill(hole: number): void {
      buffer.writeUInt32LE(length - hole, hole - 4);
    },
    done: (): Uint8Array => buffer.subarray(0, length),
  };
}
