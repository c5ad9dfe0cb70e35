/** The subnets of a new network: what was asked for, checked, and what was left open, chosen. */
import { formatAddress, formatSubnet, overlaps, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import type { IpamConfig } from "../../wire/network.ts";
import { EngineError, invalid } from "../errors.ts";
import { chooseIpv6Subnet, chooseSubnet } from "./choose-subnet.ts";
import { subnetsOf } from "./defaults.ts";
import type { SubnetConfig } from "./network.ts";
import { createPool, firstAddress } from "./pool.ts";
import type { NetworkState } from "./state.ts";

type SubnetRequest = { id: string; configs: IpamConfig[]; enableIpv4: boolean; enableIpv6: boolean };

/**
 * @returns IPv4 first
 * @throws EngineError invalid, or forbidden when a subnet overlaps another network's (docker's texts)
 */
export async function chooseSubnets(state: NetworkState, request: SubnetRequest): Promise<SubnetConfig[]> {
  // Of a template, each network that is made from it has the subnets, not the template.
  const ours = [...state.networks.values()].flatMap(({ record }) => (record.configOnly ? [] : subnetsOf(record)));
  const given = request.configs.filter((config) => Object.keys(config).length > 0).map(completeConfig);
  for (const [index, { parsed }] of given.entries()) {
    const before = given.slice(0, index).map((other) => other.parsed);
    if ([...ours, ...before].some((other) => overlaps(parsed, other)))
      throw new EngineError("forbidden", "Pool overlaps with other one on this address space");
  }
  const chosen = given.map(({ config }) => config);
  const has = (family: number) => given.some(({ parsed }) => parsed.family === family);
  if (request.enableIpv4 && !has(4)) {
    const subnet = chooseSubnet([...ours, ...(await state.host.usedSubnets())], state.options.addressPools);
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

/** As they were written: a configuration-only network has no addresses, and chooses none. */
export function templateSubnets(configs: IpamConfig[]): SubnetConfig[] {
  return configs
    .filter((config) => config.Subnet !== undefined)
    .map((config) => ({ ...completeConfig(config).config, gateway: config.Gateway ?? "" }));
}
