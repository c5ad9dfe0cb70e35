/** The text of /proc/net/route (proc_net(5)): the IPv4 routing table; addresses are hexadecimal, in host byte order. */
import type { Subnet } from "./cidr.ts";

/** @returns destinations of all routes; the default route is 0.0.0.0/0 */
export function parseRouteTable(text: string): Subnet[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .filter((fields) => fields.length > 7)
    .map((fields) => {
      const mask = swap(fields[7] ?? "");
      return { family: 4, base: swap(fields[1] ?? ""), prefixLength: bitCount(mask) };
    });
}

function swap(hex: string): bigint {
  return BigInt(Buffer.from(hex.trim().padStart(8, "0"), "hex").readUInt32LE());
}

function bitCount(mask: bigint): number {
  return mask.toString(2).replaceAll("0", "").length;
}
