/** Netlink attributes: u16 length, u16 type, payload, padded to 4 bytes; host byte order (netlink(7)). */

/** One attribute, encoded. Content is a payload or nested attributes. */
export function attribute(type: number, content: Uint8Array | Uint8Array[]): Uint8Array {
  const payload = Array.isArray(content) ? Buffer.concat(content) : content;
  const bytes = Buffer.alloc(align4(4 + payload.length));
  // The length counts the header but not the padding.
  bytes.writeUInt16LE(4 + payload.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(payload, 4);
  return bytes;
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** With its NUL, as IFLA_IFNAME and IFLA_INFO_KIND want it. */
export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`, "latin1");
}

/** @param mac "02:42:ac:12:00:02" */
export function macBytes(mac: string): Uint8Array {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw new RangeError(`no Ethernet address: ${mac}`);
  return Buffer.from(mac.replaceAll(":", ""), "hex");
}

export function align4(length: number): number {
  return (length + 3) & ~3;
}
