/** Which subnets the host already reaches: its interfaces' addresses and its routes. */
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { parseRouteTable } from "../../kernel/proc-route.ts";

export async function usedSubnets(): Promise<Subnet[]> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .flatMap(({ cidr }) => (cidr === null ? [] : (parseCidr(cidr)?.subnet ?? [])));
  const routes = parseRouteTable(await readFile("/proc/net/route", "utf8").catch(() => ""));
  return [...addresses, ...routes.filter(({ prefixLength }) => prefixLength > 0)];
}
