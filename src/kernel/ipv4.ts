/** IPv4 addresses as text and as unsigned 32 bit numbers. */

/**
 * @param text dotted quad, four decimal parts without leading zeros (inet_pton(3), not inet_aton's older forms)
 * @returns the address as a number, or undefined if the text is none
 */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

export function formatIpv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}
