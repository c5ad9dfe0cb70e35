/** The networks that every engine has: bridge, host, none. */
import { formatAddress, formatSubnet, overlaps, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { invalid } from "../errors.ts";
import { chooseSubnet } from "./choose-subnet.ts";
import {
  BRIDGE_OPTION,
  DEFAULT_MTU,
  isDefaultBridge,
  type NetworkDriver,
  type NetworkRecord,
  type SubnetConfig,
} from "./network.ts";
import { firstAddress } from "./pool.ts";
import type { NetworkDeps } from "./state.ts";

/**
 * The stored networks, with those of the three that are missing; ids stay what they were.
 * The default bridge keeps its subnet unless --bip names another, or the host has come to use it in the meantime.
 */
export async function withDefaults(
  deps: Pick<NetworkDeps, "table" | "host" | "newId" | "clock" | "options">,
): Promise<NetworkRecord[]> {
  const records = deps.table.all();
  for (const [name, driver] of [
    ["host", "host"],
    ["none", "null"],
  ] as const) {
    if (!records.some((record) => record.driver === driver && !record.configOnly))
      records.push(plainRecord(deps, name, driver));
  }
  const stored = records.find(isDefaultBridge);
  const others = records.filter((record) => record !== stored);
  if (deps.options.bridge === "none") {
    if (stored) deps.table.remove(stored.id);
    return others;
  }
  const bridge = stored ?? plainRecord(deps, "bridge", "bridge");
  bridge.bridge = deps.options.bridge;
  bridge.options = { ...bridge.options, [BRIDGE_OPTION.name]: deps.options.bridge, ...setByOptions(deps.options) };
  bridge.subnets = [await defaultSubnet(deps, bridge, others)];
  deps.table.put(bridge.id, bridge);
  return [bridge, ...others];
}

/** At each start anew: an option that is gone leaves docker's value. */
function setByOptions({ ip, icc, mtu }: NetworkDeps["options"]): Record<string, string> {
  return {
    [BRIDGE_OPTION.icc]: String(icc),
    [BRIDGE_OPTION.hostBinding]: ip || "0.0.0.0",
    [BRIDGE_OPTION.mtu]: String(mtu || DEFAULT_MTU),
  };
}

async function defaultSubnet(
  { host, options }: Pick<NetworkDeps, "host" | "options">,
  bridge: NetworkRecord,
  others: NetworkRecord[],
): Promise<SubnetConfig> {
  if (options.bip !== "") {
    const bip = parseCidr(options.bip);
    if (bip?.subnet.family !== 4) throw invalid(`--bip ${options.bip}: an IPv4 address with prefix length is expected`);
    return { subnet: formatSubnet(bip.subnet), gateway: formatAddress(bip.address) };
  }
  const [current] = bridge.subnets;
  if (current) return current;
  const used = [...(await host.usedSubnets()), ...others.flatMap(subnetsOf)];
  const subnet = chooseSubnet(used, options.addressPools);
  return { subnet: formatSubnet(subnet), gateway: formatAddress(firstAddress(subnet)) };
}

export function subnetsOf(record: NetworkRecord): Subnet[] {
  return record.subnets.flatMap(({ subnet }) => parseCidr(subnet)?.subnet ?? []);
}

export function overlapsAny(subnet: Subnet, others: Subnet[]): boolean {
  return others.some((other) => overlaps(subnet, other));
}

function plainRecord(
  { table, newId, clock }: Pick<NetworkDeps, "table" | "newId" | "clock">,
  name: string,
  driver: NetworkDriver,
): NetworkRecord {
  const record: NetworkRecord = {
    id: newId(),
    name,
    created: clock.now(),
    driver,
    enableIpv4: true,
    enableIpv6: false,
    internal: false,
    attachable: false,
    ipamDriver: "default",
    ipamOptions: null,
    subnets: [],
    options:
      driver === "bridge"
        ? {
            [BRIDGE_OPTION.default]: "true",
            [BRIDGE_OPTION.masquerade]: "true",
          }
        : {},
    labels: {},
    bridge: "",
  };
  table.put(record.id, record);
  return record;
}
