/** Read rtnetlink requests back: for explain, which shows what a plan's bytes say, and for tests. */
import { align4 } from "./netlink-attributes.ts";
import { RTM } from "./netlink-constants.ts";

export type DecodedAttribute = { type: number; payload: Uint8Array };
export type DecodedRequest = {
  /** "NEWLINK" … or the number */
  name: string;
  type: number;
  flags: number;
  sequence: number;
  /** ifinfomsg, ifaddrmsg, rtmsg or fib_rule_hdr */
  header: Uint8Array;
  attributes: DecodedAttribute[];
};

/** @throws RangeError if a length leads out of the bytes */
export function decodeRequests(bytes: Uint8Array): DecodedRequest[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const requests: DecodedRequest[] = [];
  for (let at = 0; at < view.length; ) {
    const length = view.readUInt32LE(at);
    if (length < 16 || at + length > view.length) throw new RangeError(`message of ${length} bytes at ${at}`);
    const type = view.readUInt16LE(at + 4);
    const headerEnd = at + 16 + headerLength(type);
    requests.push({
      name: nameOf(type),
      type,
      flags: view.readUInt16LE(at + 6),
      sequence: view.readUInt32LE(at + 8),
      header: view.subarray(at + 16, headerEnd),
      attributes: decodeAttributes(view.subarray(headerEnd, at + length)),
    });
    at += align4(length);
  }
  return requests;
}

export function decodeAttributes(bytes: Uint8Array): DecodedAttribute[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes: DecodedAttribute[] = [];
  for (let at = 0; at < view.length; ) {
    const length = view.readUInt16LE(at);
    if (length < 4 || at + length > view.length) throw new RangeError(`attribute of ${length} bytes at ${at}`);
    attributes.push({ type: view.readUInt16LE(at + 2), payload: view.subarray(at + 4, at + length) });
    at += align4(length);
  }
  return attributes;
}

/** The payload of the first attribute of a type; undefined if there is none. */
export function find(attributes: DecodedAttribute[], type: number): Uint8Array | undefined {
  return attributes.find((attribute) => attribute.type === type)?.payload;
}

function nameOf(type: number): string {
  return Object.entries(RTM).find(([, number]) => number === type)?.[0] ?? String(type);
}

function headerLength(type: number): number {
  if (type === RTM.NEWADDR || type === RTM.DELADDR) return 8;
  if (type === RTM.NEWLINK || type === RTM.DELLINK || type === RTM.SETLINK) return 16;
  return 12;
}
