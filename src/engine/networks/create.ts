/** POST /networks/create: check, choose what was left open, make the bridge, keep the record. */
import { formatAddress, formatSubnet, overlaps, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { MAX_INTERFACE_NAME } from "../../kernel/netlink-link.ts";
import { undoStack } from "../../lib/undo.ts";
import type { IpamConfig, NetworkCreate } from "../../wire/network.ts";
import { conflict, EngineError, invalid, notFound, notImplemented } from "../errors.ts";
import { bringUp, takeDown } from "./bring-up.ts";
import { chooseIpv6Subnet, chooseSubnet } from "./choose-subnet.ts";
import { subnetsOf } from "./defaults.ts";
import { BRIDGE_OPTION, type NetworkRecord, type SubnetConfig } from "./network.ts";
import { createPool, firstAddress } from "./pool.ts";
import { type NetworkState, networkEvent, writeFirewall } from "./state.ts";

/** @throws EngineError with docker's texts: invalid, forbidden, conflict, not-implemented */
export async function createNetwork(
  state: NetworkState,
  request: NetworkCreate,
): Promise<{ Id: string; Warning: string }> {
  refuse(state, request);
  const id = state.newId();
  const enableIpv4 = request.EnableIPv4 ?? true;
  const enableIpv6 = request.EnableIPv6 ?? false;
  const record: NetworkRecord = {
    id,
    name: request.Name,
    created: state.clock.now(),
    driver: "bridge",
    enableIpv4,
    enableIpv6,
    internal: request.Internal,
    attachable: request.Attachable,
    ipamDriver: request.IPAM.Driver,
    ipamOptions: request.IPAM.Options,
    subnets: await chooseSubnets(state, { id, configs: request.IPAM.Config, enableIpv4, enableIpv6 }),
    options: request.Options,
    labels: request.Labels,
    bridge: bridgeName(state, request, id),
  };
  await using undo = undoStack((error) => state.log(`undo of network create: ${error}`));
  // The record first: a bridge without one would stay for ever, and a network without its bridge gets it at the next start.
  undo.add(() => state.table.remove(record.id));
  state.table.put(record.id, record);
  undo.add(() => takeDown(state, record));
  await bringUp(state, record);
  undo.add(() => {
    state.networks.delete(record.id);
    return writeFirewall(state);
  });
  await writeFirewall(state);
  undo.keep();
  networkEvent(state, "create", record);
  return { Id: id, Warning: "" };
}

/** Names that mean something else in `--network`. */
const RESERVED = ["default", "container"];

function refuse(state: NetworkState, request: NetworkCreate): void {
  const { Name: name, Driver: driver } = request;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw invalid(
      name.trim() === ""
        ? "invalid network name: name is empty"
        : `invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  if (["bridge", "host", "none", ...RESERVED].includes(name))
    throw new EngineError("forbidden", `operation is not permitted on predefined ${name} network`);
  if ([...state.networks.values()].some(({ record }) => record.name === name))
    throw conflict(`network with name ${name} already exists`);
  if (driver === "overlay")
    throw new EngineError(
      "unavailable",
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  if (driver === "host" || driver === "null")
    throw new EngineError("forbidden", `only one instance of "${driver}" network is allowed`);
  if (driver === "macvlan" || driver === "ipvlan") throw notImplemented(`network driver ${driver} is not implemented`);
  if (driver !== "bridge")
    throw notFound(`could not find plugin ${driver} in v1 plugin registry: plugin "${driver}" not found`);
  if (request.IPAM.Driver !== "default")
    throw invalid(`could not find plugin ${request.IPAM.Driver} in v1 plugin registry: plugin not found`);
  if (request.ConfigOnly || request.ConfigFrom !== "")
    throw notImplemented("configuration-only networks are not implemented");
  if (request.Ingress) throw notImplemented("ingress networks belong to swarm");
  if (request.EnableIPv4 === false && request.EnableIPv6 !== true) throw invalid("IPv4 or IPv6 must be enabled");
  const mtu = request.Options[BRIDGE_OPTION.mtu];
  if (mtu !== undefined && !(/^\d+$/.test(mtu) && Number(mtu) >= 68 && Number(mtu) <= 65535))
    throw invalid(`failed to parse ${BRIDGE_OPTION.mtu} value: ${mtu} (an MTU is expected)`);
}

type SubnetRequest = { id: string; configs: IpamConfig[]; enableIpv4: boolean; enableIpv6: boolean };

async function chooseSubnets(state: NetworkState, request: SubnetRequest): Promise<SubnetConfig[]> {
  const ours = [...state.networks.values()].flatMap(({ record }) => subnetsOf(record));
  const given = request.configs.filter((config) => Object.keys(config).length > 0).map(completeConfig);
  for (const [index, { parsed }] of given.entries()) {
    const before = given.slice(0, index).map((other) => other.parsed);
    if ([...ours, ...before].some((other) => overlaps(parsed, other)))
      throw new EngineError("forbidden", "Pool overlaps with other one on this address space");
  }
  const chosen = given.map(({ config }) => config);
  const has = (family: number) => given.some(({ parsed }) => parsed.family === family);
  if (request.enableIpv4 && !has(4)) {
    const subnet = chooseSubnet([...ours, ...(await state.host.usedSubnets())]);
    chosen.unshift({ subnet: formatSubnet(subnet), gateway: formatAddress(firstAddress(subnet)) });
  }
  if (request.enableIpv6 && !has(6)) {
    const subnet = chooseIpv6Subnet(request.id);
    chosen.push({ subnet, gateway: subnet.replace(/\/64$/, "1") });
  }
  const wanted = chosen.filter(({ subnet }) => (subnet.includes(":") ? request.enableIpv6 : request.enableIpv4));
  // IPv4 first: endpoints take one address of each family.
  wanted.sort((a, b) => Number(a.subnet.includes(":")) - Number(b.subnet.includes(":")));
  for (const config of wanted) createPool(config);
  return wanted;
}

function completeConfig(config: IpamConfig): { config: SubnetConfig; parsed: Subnet } {
  const cidr = parseCidr(config.Subnet ?? "");
  if (cidr === undefined)
    throw invalid(
      config.Subnet ? `invalid CIDR address: ${config.Subnet}` : "invalid network config:\nno matching subnet",
    );
  const { subnet, address } = cidr;
  if (address.value !== subnet.base)
    throw invalid(`invalid network config:\ninvalid subnet ${config.Subnet}: it should be ${formatSubnet(subnet)}`);
  const range = config.IPRange === undefined ? undefined : parseCidr(config.IPRange)?.subnet;
  if (
    config.IPRange !== undefined &&
    (range === undefined || !overlaps(range, subnet) || range.prefixLength < subnet.prefixLength)
  )
    throw invalid(
      `invalid network config:\ninvalid ip-range ${config.IPRange}: it is not inside of subnet ${config.Subnet}`,
    );
  return {
    parsed: subnet,
    config: {
      subnet: formatSubnet(subnet),
      ...(range && { ipRange: formatSubnet(range) }),
      gateway: config.Gateway || formatAddress(firstAddress(range ?? subnet)),
      ...(config.AuxiliaryAddresses && { auxiliary: config.AuxiliaryAddresses }),
    },
  };
}

function bridgeName(state: NetworkState, request: NetworkCreate, id: string): string {
  const name = request.Options[BRIDGE_OPTION.name] ?? `br-${id.slice(0, 12)}`;
  if (name.length > MAX_INTERFACE_NAME || !/^[A-Za-z0-9_.-]+$/.test(name) || name === "." || name === "..")
    throw invalid(`invalid interface name: ${name}`);
  const owner = [...state.networks.values()].find(({ record }) => record.bridge === name)?.record;
  if (owner) throw conflict(`networks have same bridge name: ${name} is used by network ${owner.name}`);
  return name;
}
