/** Make a container's endpoint on one network: addresses, MAC, names. Nothing of the kernel is touched. */
import { randomInt } from "node:crypto";
import { addressBytes, contains, formatAddress } from "../../kernel/cidr.ts";
import { EngineError } from "../errors.ts";
import type { Endpoint, EndpointRequest } from "../ports.ts";
import { hasInterfaces, isDefaultBridge, type Network } from "./network.ts";
import { type NetworkState, wantedAddress } from "./state.ts";
import { isLayer3 } from "./vlan-options.ts";

/** @throws EngineError as docker says it: address in use, outside of every subnet, none left */
export function makeEndpoint(state: Pick<NetworkState, "newId">, network: Network, request: EndpointRequest): Endpoint {
  const { record } = network;
  if (record.configOnly) throw new EngineError("forbidden", "cannot create endpoint on configuration-only network");
  const endpoint: Endpoint = {
    networkId: record.id,
    networkName: record.name,
    endpointId: state.newId(),
    ipv4: "",
    prefixLength: 0,
    gateway: "",
    ipv6: "",
    ipv6PrefixLength: 0,
    ipv6Gateway: "",
    mac: "",
    aliases: request.aliases,
    dnsNames: hasInterfaces(record) && !isDefaultBridge(record) ? dnsNames(request) : [],
    hostInterface: "",
    ...(record.internal && { internal: true }),
  };
  if (!hasInterfaces(record)) return endpoint;
  if (record.driver === "ipvlan" && request.mac)
    throw new EngineError("invalid", "ipvlan interfaces do not support custom mac address assignment");
  takeAddresses(network, request, endpoint);
  // ipvlan's interfaces all have their parent's.
  if (record.driver !== "ipvlan") endpoint.mac = request.mac || macOf(endpoint);
  if (record.driver === "bridge") endpoint.hostInterface = `veth${endpoint.endpointId.slice(0, 7)}`;
  if (isLayer3(record)) Object.assign(endpoint, { gateway: "", ipv6Gateway: "" });
  return endpoint;
}

function takeAddresses(network: Network, request: EndpointRequest, endpoint: Endpoint): void {
  const wanted = { 4: wantedAddress(request.ipv4, 4), 6: wantedAddress(request.ipv6, 6) };
  for (const address of [wanted[4], wanted[6]]) {
    if (address === undefined) continue;
    if (isDefaultBridge(network.record))
      throw new EngineError("invalid", "user specified IP address is supported on user defined networks only");
    if (!network.pools.some((pool) => contains(pool.subnet, address)))
      throw new EngineError(
        "invalid",
        `invalid endpoint settings:\nno configured subnet or ip-range contain the IP address ${formatAddress(address)}`,
      );
  }
  const undo: (() => void)[] = [];
  try {
    for (const family of [4, 6] as const) {
      const want = wanted[family];
      const pool = network.pools.find(
        ({ subnet }) => subnet.family === family && (want === undefined || contains(subnet, want)),
      );
      if (pool === undefined) continue;
      const address = pool.take(want);
      undo.push(() => pool.free(address));
      const text = { address: formatAddress(address), gateway: formatAddress(pool.gateway) };
      if (family === 4) {
        endpoint.ipv4 = text.address;
        endpoint.prefixLength = pool.subnet.prefixLength;
        endpoint.gateway = text.gateway;
      } else {
        endpoint.ipv6 = text.address;
        endpoint.ipv6PrefixLength = pool.subnet.prefixLength;
        endpoint.ipv6Gateway = text.gateway;
      }
    }
  } catch (error) {
    for (const step of undo) step();
    if (error instanceof EngineError && error.message.startsWith("no available"))
      throw new EngineError(error.kind, `${error.message}: ${network.record.name} (${network.record.id})`);
    throw error;
  }
}

/** 02:42 and the IPv4 address: the same address has the same MAC, so that neighbours' ARP caches stay right. */
export function macOfIpv4(bytes: Uint8Array): string {
  return [0x02, 0x42, ...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function macOf(endpoint: Endpoint): string {
  const address = wantedAddress(endpoint.ipv4, 4);
  return macOfIpv4(address ? addressBytes(address) : Uint8Array.from({ length: 4 }, () => randomInt(256)));
}

/** Docker's order: name, aliases, short id, host name. */
function dnsNames(request: EndpointRequest): string[] {
  const names = [request.name, ...request.aliases, request.containerId.slice(0, 12), request.hostname];
  return [...new Set(names.filter((name) => name !== ""))];
}
