import { BlockList, isIP } from "node:net";

type Given = { subnet: string[]; ipRange: string[]; gateway: string[]; auxAddress: Record<string, string> };
export type IpamConfig = {
  Subnet: string;
  IPRange?: string;
  Gateway?: string;
  AuxiliaryAddresses?: Record<string, string>;
};

/** Brings ranges, gateways and auxiliary addresses to the subnets that they lie in. @throws in docker's words */
export function ipamConfigs({ subnet, ipRange, gateway, auxAddress }: Given): IpamConfig[] {
  if (subnet.length < ipRange.length || subnet.length < gateway.length)
    throw new Error("every ip-range or gateway must have a corresponding subnet");
  const configs = subnet.map((text, i) => {
    if (subnet.some((other, j) => j < i && (contains(other, addressOf(text)) || contains(text, addressOf(other)))))
      throw new Error("multiple overlapping subnet configuration is not supported");
    return { Subnet: text } as IpamConfig;
  });
  const of = (address: string) => configs.find((config) => contains(config.Subnet, address));
  for (const range of ipRange) {
    const config = of(addressOf(range));
    if (!config) throw new Error(`no matching subnet for range ${range}`);
    if (config.IPRange)
      throw new Error(
        `cannot configure multiple ranges (${range}, ${config.IPRange}) on the same subnet (${config.Subnet})`,
      );
    config.IPRange = range;
  }
  for (const address of gateway) {
    const config = of(address);
    if (!config) throw new Error(`no matching subnet for gateway ${address}`);
    if (config.Gateway)
      throw new Error(
        `cannot configure multiple gateways (${address}, ${config.Gateway}) for the same subnet (${config.Subnet})`,
      );
    config.Gateway = address;
  }
  for (const [name, address] of Object.entries(auxAddress)) {
    const config = of(address);
    if (!config) throw new Error(`no matching subnet for aux-address ${address}`);
    config.AuxiliaryAddresses = { ...config.AuxiliaryAddresses, [name]: address };
  }
  return configs;
}

const addressOf = (cidr: string) => cidr.split("/")[0] ?? "";

function contains(cidr: string, address: string): boolean {
  const [network = "", bits] = cidr.split("/");
  const family = isIP(network);
  if (family === 0 || bits === undefined || !/^\d+$/.test(bits)) throw new Error(`invalid CIDR address: ${cidr}`);
  if (isIP(address) !== family) return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, Number(bits), type);
  return list.check(address, type);
}
