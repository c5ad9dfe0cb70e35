/** Names of containers: what the embedded DNS server knows by itself. Pure. */
import { formatAddress, parseAddress } from "../../kernel/cidr.ts";
import { parseIpv4 } from "../../kernel/ipv4.ts";
import type { Endpoint } from "../ports.ts";

export type NamedContainer = { id: string; endpoints: Endpoint[] };

/** undefined: not one of ours. An empty list: the name is ours, but has no such address. */
export type Resolved = string[] | undefined;

/**
 * @param networkIds the networks that the asking container is on: names of others do not exist for it
 * @param name without trailing dot, any case; `name` or `name.network`
 * @returns addresses, in the order of the containers
 */
export function resolveName(
  containers: NamedContainer[],
  networkIds: Set<string>,
  { name, family }: { name: string; family: 4 | 6 },
): Resolved {
  const wanted = name.toLowerCase();
  const found = endpointsIn(containers, networkIds).filter(({ endpoint }) => isCalled(endpoint, wanted));
  if (found.length === 0) return undefined;
  return found
    .map(({ endpoint }) => (family === 4 ? endpoint.ipv4 : endpoint.ipv6))
    .filter((address) => address !== "");
}

/** @param name 2.0.19.172.in-addr.arpa or an ip6.arpa name @returns "web.network" */
export function resolvePointer(containers: NamedContainer[], networkIds: Set<string>, name: string): Resolved {
  const address = addressOfPointer(name.toLowerCase());
  if (address === undefined) return undefined;
  const found = endpointsIn(containers, networkIds).filter(
    ({ endpoint }) => endpoint.ipv4 === address || endpoint.ipv6 === address,
  );
  return found.length === 0
    ? undefined
    : found.map(({ endpoint }) => `${endpoint.dnsNames[0]}.${endpoint.networkName}`);
}

function endpointsIn(containers: NamedContainer[], networkIds: Set<string>): { endpoint: Endpoint }[] {
  return containers.flatMap(({ endpoints }) =>
    endpoints
      .filter((endpoint) => networkIds.has(endpoint.networkId) && endpoint.dnsNames.length > 0)
      .map((endpoint) => ({ endpoint })),
  );
}

function isCalled(endpoint: Endpoint, wanted: string): boolean {
  return endpoint.dnsNames.some((name) => {
    const own = name.toLowerCase();
    return own === wanted || `${own}.${endpoint.networkName.toLowerCase()}` === wanted;
  });
}

function addressOfPointer(name: string): string | undefined {
  const four = /^(\d+\.\d+\.\d+\.\d+)\.in-addr\.arpa$/.exec(name)?.[1];
  if (four) {
    const address = four.split(".").reverse().join(".");
    return parseIpv4(address) === undefined ? undefined : address;
  }
  const nibbles = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (!nibbles) return undefined;
  const digits = nibbles.split(".").filter(Boolean).reverse().join("");
  const address = parseAddress(digits.replace(/(.{4})(?=.)/g, "$1:"));
  return address && formatAddress(address);
}
