/** Which subnet a network gets when nobody says: docker's own address pools, less what the host already reaches. */
import { formatSubnet, overlaps, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { EngineError } from "../errors.ts";

/** Subnets of `prefixLength` are cut from `base`, an IPv4 subnet in CIDR notation. */
export type AddressPool = { base: string; prefixLength: number };

/** dockerd's default-address-pools, without 172.17.0.0/16: that one is docker's own bridge, on many hosts and firewalls. */
const POOLS: AddressPool[] = [
  ...Array.from({ length: 14 }, (_, index) => ({ base: `172.${18 + index}.0.0/16`, prefixLength: 16 })),
  { base: "192.168.0.0/16", prefixLength: 20 },
];

/**
 * @param used subnets of the host's routes and of our other networks
 * @param pools none: docker's own
 * @returns the first free one
 * @throws EngineError when all are taken; the text is docker's
 */
export function chooseSubnet(used: Subnet[], pools: AddressPool[]): Subnet {
  for (const candidate of candidates(pools.length > 0 ? pools : POOLS)) {
    if (!used.some((other) => overlaps(candidate, other))) return candidate;
  }
  throw new EngineError("internal", "all predefined address pools have been fully subnetted");
}

/**
 * An IPv6 subnet for a network that asks for IPv6 and names none: a unique local /64 (RFC 4193), made of the
 * network's random id, so that two engines on one host do not choose the same.
 */
export function chooseIpv6Subnet(networkId: string): string {
  const hex = networkId.slice(0, 14);
  const subnet = parseCidr(
    `fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}:${hex.slice(10, 14)}::/64`,
  )?.subnet;
  if (subnet === undefined) throw new RangeError(`no network id: ${networkId}`);
  return formatSubnet(subnet);
}

function* candidates(pools: AddressPool[]): Generator<Subnet> {
  for (const pool of pools) {
    const whole = parseCidr(pool.base)?.subnet;
    if (whole === undefined) continue;
    const size = 1n << BigInt(32 - pool.prefixLength);
    const count = 1n << BigInt(pool.prefixLength - whole.prefixLength);
    for (let index = 0n; index < count; index++)
      yield { family: 4, base: whole.base + index * size, prefixLength: pool.prefixLength };
  }
}
