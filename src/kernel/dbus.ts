/**
 * D-Bus messages as bytes: what it takes to call a method of systemd's and to read its answer (D-Bus Specification 0.43,
 * "Type System" and "Message Protocol"). Values follow their signature: y and u numbers, t BigInts, b booleans, s, o and g texts,
 * a and () arrays, v a pair of signature and value.
 */
export type DbusValue = string | number | bigint | boolean | DbusValue[];

export type MethodCall = {
  destination: string;
  path: string;
  interface: string;
  member: string;
  signature: string;
  body: DbusValue[];
};

export type DbusMessage = {
  type: "call" | "return" | "error" | "signal";
  /** the serial of the call that this answers; 0: none */
  replyTo: number;
  /** org.freedesktop.systemd1.UnitExists …; "" if it is no error */
  errorName: string;
  /** the body's first value if it is a text: an error's explanation */
  text: string;
};

/** Codes of header fields. */
const field = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 };
const types = ["invalid", "call", "return", "error", "signal"] as const;
const LITTLE_ENDIAN = 0x6c;
const FIXED_HEADER = 16;

/** @param serial not 0, of this connection's calls */
export function encodeCall(call: MethodCall, serial: number): Buffer {
  const body = writer();
  writeAll(body, call.signature, call.body);
  const fields: [number, [string, string]][] = [
    [field.path, ["o", call.path]],
    [field.interface, ["s", call.interface]],
    [field.member, ["s", call.member]],
    [field.destination, ["s", call.destination]],
    ...(call.signature ? [[field.signature, ["g", call.signature]] as [number, [string, string]]] : []),
  ];
  const message = writer();
  writeAll(message, "yyyyuua(yv)", [LITTLE_ENDIAN, 1, 0, 1, body.bytes().length, serial, fields]);
  message.align(8);
  return Buffer.concat([message.bytes(), body.bytes()]);
}

/**
 * Cut the first message off what has come in.
 * @returns undefined while it is not whole
 * @throws RangeError when it is no little endian D-Bus message of at most 1 MiB
 */
export function decodeMessage(bytes: Buffer): { message: DbusMessage; length: number } | undefined {
  if (bytes.length < FIXED_HEADER) return undefined;
  if (bytes[0] !== LITTLE_ENDIAN) throw new RangeError("a D-Bus message in another byte order");
  const fieldsEnd = FIXED_HEADER + bytes.readUInt32LE(12);
  const start = aligned(fieldsEnd, 8);
  const length = start + bytes.readUInt32LE(4);
  if (length > 1 << 20) throw new RangeError("a D-Bus message that is too long");
  if (bytes.length < length) return undefined;
  const fields = readFields(bytes.subarray(0, fieldsEnd));
  const type = types[bytes[1] ?? 0];
  if (type === undefined || type === "invalid") throw new RangeError("a D-Bus message of an unknown type");
  const hasText = String(fields.get(field.signature) ?? "").startsWith("s");
  return {
    length,
    message: {
      type,
      replyTo: Number(fields.get(field.replySerial) ?? 0),
      errorName: String(fields.get(field.errorName) ?? ""),
      text: hasText ? readText(bytes, start).value : "",
    },
  };
}

/** Header fields hold only texts and numbers. */
function readFields(bytes: Buffer): Map<number, string | number> {
  const found = new Map<number, string | number>();
  for (let at = FIXED_HEADER; at < bytes.length; ) {
    at = aligned(at, 8);
    const code = bytes.readUInt8(at);
    const signature = bytes.toString("latin1", at + 2, at + 2 + bytes.readUInt8(at + 1));
    at += 3 + signature.length;
    if (signature === "u") {
      at = aligned(at, 4);
      found.set(code, bytes.readUInt32LE(at));
      at += 4;
    } else if (signature === "g") {
      const length = bytes.readUInt8(at);
      found.set(code, bytes.toString("latin1", at + 1, at + 1 + length));
      at += length + 2;
    } else if (signature === "s" || signature === "o") {
      const text = readText(bytes, at);
      found.set(code, text.value);
      at = text.end;
    } else throw new RangeError(`a D-Bus header field of type ${signature}`);
  }
  return found;
}

function readText(bytes: Buffer, at: number): { value: string; end: number } {
  const start = aligned(at, 4) + 4;
  const length = bytes.readUInt32LE(start - 4);
  return { value: bytes.toString("utf8", start, start + length), end: start + length + 1 };
}

type Writer = ReturnType<typeof writer>;

function writer() {
  let buffer = Buffer.alloc(256);
  let length = 0;
  const room = (size: number) => {
    while (length + size > buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
  };
  return {
    /** Alignment counts from the message's beginning, and every body begins at a multiple of 8. */
    align(size: number) {
      room(8);
      length = aligned(length, size);
    },
    number(value: number | bigint, size: 1 | 4 | 8) {
      this.align(size);
      room(size);
      if (size === 8) buffer.writeBigUInt64LE(BigInt(value), length);
      else buffer.writeUIntLE(Number(value), length, size);
      length += size;
    },
    /** With a NUL behind it, which is not counted. */
    text(value: string, sizeOfLength: 1 | 4) {
      const bytes = Buffer.from(value);
      this.number(bytes.length, sizeOfLength);
      room(bytes.length + 1);
      bytes.copy(buffer, length);
      length += bytes.length + 1;
    },
    position: () => length,
    patch: (at: number, value: number) => void buffer.writeUInt32LE(value, at),
    bytes: () => buffer.subarray(0, length),
  };
}

function writeAll(out: Writer, signature: string, values: DbusValue[]): void {
  const parts = split(signature);
  if (parts.length !== values.length) throw new RangeError(`${values.length} values for the signature ${signature}`);
  for (const [index, part] of parts.entries()) write(out, part, values[index] as DbusValue);
}

function write(out: Writer, type: string, value: DbusValue): void {
  switch (type[0]) {
    case "y":
      out.number(Number(value), 1);
      return;
    case "u":
      out.number(Number(value), 4);
      return;
    case "b":
      out.number(value ? 1 : 0, 4);
      return;
    case "t":
      out.number(BigInt(value as bigint), 8);
      return;
    case "s":
    case "o":
      out.text(String(value), 4);
      return;
    case "g":
      out.text(String(value), 1);
      return;
    case "v": {
      const [signature, inner] = value as [string, DbusValue];
      out.text(signature, 1);
      write(out, signature, inner);
      return;
    }
    case "(":
      out.align(8);
      writeAll(out, type.slice(1, -1), value as DbusValue[]);
      return;
    case "a": {
      const element = type.slice(1);
      out.number(0, 4);
      const lengthAt = out.position() - 4;
      out.align(alignmentOf(element));
      const start = out.position();
      for (const item of value as DbusValue[]) write(out, element, item);
      out.patch(lengthAt, out.position() - start);
      return;
    }
    default:
      throw new RangeError(`the D-Bus type ${type} is not known here`);
  }
}

function alignmentOf(type: string): number {
  if (type[0] === "(" || type[0] === "t") return 8;
  return type[0] === "y" || type[0] === "g" || type[0] === "v" ? 1 : 4;
}

/** "ssa(sv)" -> "s", "s", "a(sv)" */
function split(signature: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    parts.push(signature.slice(at, end));
    at = end;
  }
  return parts;
}

function endOfType(signature: string, at: number): number {
  if (signature[at] === "a") return endOfType(signature, at + 1);
  if (signature[at] !== "(") return at + 1;
  let depth = 0;
  for (let end = at; end < signature.length; end++) {
    if (signature[end] === "(") depth++;
    if (signature[end] === ")" && --depth === 0) return end + 1;
  }
  throw new RangeError(`the D-Bus signature ${signature} has no end`);
}

function aligned(at: number, size: number): number {
  return Math.ceil(at / size) * size;
}
