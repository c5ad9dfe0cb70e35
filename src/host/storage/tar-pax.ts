/** PAX extended headers (pax(1)): records "LENGTH KEY=VALUE\n". Values may be binary: extended attributes are. */
import { invalidHeader } from "./tar-header.ts";

/** @throws EngineError invalid on a malformed record */
export function parsePax(body: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  let at = 0;
  while (at < body.length && body[at] !== 0) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 || space - at > 8 ? "" : body.toString("latin1", at, space);
    const length = /^[0-9]+$/.test(digits) ? Number.parseInt(digits, 10) : 0;
    const end = at + length;
    const equals = body.indexOf(0x3d, space);
    if (length === 0 || end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end)
      throw invalidHeader();
    records.set(body.toString("latin1", space + 1, equals), body.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

export function formatPax(records: Iterable<[string, Buffer]>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of records) {
    const rest = ` ${key}=`.length + value.length + 1;
    let length = rest + 1;
    while (String(length).length + rest !== length) length = String(length).length + rest;
    parts.push(Buffer.from(`${length} ${key}=`, "latin1"), value, NEWLINE);
  }
  return Buffer.concat(parts);
}
const NEWLINE = Buffer.from("\n");
