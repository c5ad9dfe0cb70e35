/** Addresses of both families and their subnets, as numbers: what IPAM, overlap checks and netlink calculate with. */
import { formatIpv4, parseIpv4 } from "./ipv4.ts";
import { formatIpv6, parseIpv6 } from "./ipv6.ts";

export type Family = 4 | 6;
export type Address = { family: Family; value: bigint };
/** base has no bit set behind the prefix. */
export type Subnet = { family: Family; base: bigint; prefixLength: number };

/** @returns undefined if the text is no address */
export function parseAddress(text: string): Address | undefined {
  const four = parseIpv4(text);
  if (four !== undefined) return { family: 4, value: BigInt(four) };
  const six = parseIpv6(text);
  return six === undefined ? undefined : { family: 6, value: six };
}

export function formatAddress(address: Address): string {
  return address.family === 4 ? formatIpv4(Number(address.value)) : formatIpv6(address.value);
}

/** The bytes of an address in network order. */
export function addressBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(address.family === 4 ? 4 : 16);
  let rest = address.value;
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

/**
 * Parse "172.18.0.1/16" into the address that was written and its subnet.
 * @returns undefined if the text is no address with a prefix length
 */
export function parseCidr(text: string): { address: Address; subnet: Subnet } | undefined {
  const cut = text.indexOf("/");
  const lengthText = text.slice(cut + 1);
  const address = cut < 0 ? undefined : parseAddress(text.slice(0, cut));
  if (address === undefined || !/^\d{1,3}$/.test(lengthText)) return undefined;
  const prefixLength = Number(lengthText);
  if (prefixLength > bits(address.family)) return undefined;
  return { address, subnet: subnetOf(address, prefixLength) };
}

export function subnetOf(address: Address, prefixLength: number): Subnet {
  const hostBits = BigInt(bits(address.family) - prefixLength);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefixLength };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress({ family: subnet.family, value: subnet.base })}/${subnet.prefixLength}`;
}

/** The highest address of a subnet: in IPv4 its broadcast address. */
export function lastAddress(subnet: Subnet): bigint {
  return subnet.base + (1n << BigInt(bits(subnet.family) - subnet.prefixLength)) - 1n;
}

export function contains(subnet: Subnet, address: Address): boolean {
  return subnet.family === address.family && address.value >= subnet.base && address.value <= lastAddress(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base <= lastAddress(b) && b.base <= lastAddress(a);
}

export function bits(family: Family): number {
  return family === 4 ? 32 : 128;
}
