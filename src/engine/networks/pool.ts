/** The addresses of one subnet: which are taken, and which is the next. */
import {
  type Address,
  contains,
  formatAddress,
  lastAddress,
  parseAddress,
  parseCidr,
  type Subnet,
} from "../../kernel/cidr.ts";
import { EngineError, invalid } from "../errors.ts";
import type { SubnetConfig } from "./network.ts";

export type Pool = {
  subnet: Subnet;
  gateway: Address;
  /**
   * Take an address: the wanted one, or the lowest that is free.
   * @throws EngineError forbidden "Address already in use"; unavailable when none is left
   */
  take(wanted?: Address): Address;
  /** Give an address back; one that was not taken is left. */
  free(address: Address): void;
};

/** @throws EngineError invalid when the configuration contradicts itself */
export function createPool(config: SubnetConfig): Pool {
  const subnet = parseCidr(config.subnet)?.subnet;
  if (subnet === undefined) throw invalid(`invalid subnet ${config.subnet}`);
  const gateway = within(subnet, config.gateway, "gateway");
  const range = config.ipRange === undefined ? subnet : parseCidr(config.ipRange)?.subnet;
  if (range === undefined) throw invalid(`invalid ip-range ${config.ipRange}`);
  const reserved = new Set([
    gateway.value,
    ...Object.entries(config.auxiliary ?? {}).map(
      ([name, text]) => within(subnet, text, `auxiliary address ${name}`).value,
    ),
    ...unusable(subnet),
  ]);
  const taken = new Set<bigint>();
  const isFree = (value: bigint) => !reserved.has(value) && !taken.has(value);
  // No address below is free: a search need not begin at the start each time.
  let hint = range.base;
  return {
    subnet,
    gateway,
    take(wanted) {
      if (wanted !== undefined) {
        if (!isFree(wanted.value)) throw new EngineError("forbidden", "Address already in use");
        taken.add(wanted.value);
        return wanted;
      }
      const last = lastAddress(range);
      while (hint <= last && !isFree(hint)) hint++;
      if (hint > last)
        throw new EngineError("internal", `no available IPv${subnet.family} addresses on this network's address pools`);
      const value = hint++;
      taken.add(value);
      return { family: subnet.family, value };
    },
    free(address) {
      if (!taken.delete(address.value)) return;
      if (contains(range, address) && address.value < hint) hint = address.value;
    },
  };
}

/** The first usable address of a subnet, docker's choice of a gateway. */
export function firstAddress(subnet: Subnet): Address {
  const pointToPoint = subnet.family === 4 && subnet.prefixLength >= 31;
  return { family: subnet.family, value: pointToPoint ? subnet.base : subnet.base + 1n };
}

/** Network and broadcast address; in IPv6 the subnet-router anycast address. */
function unusable(subnet: Subnet): bigint[] {
  if (subnet.family === 6) return [subnet.base];
  return subnet.prefixLength >= 31 ? [] : [subnet.base, lastAddress(subnet)];
}

function within(subnet: Subnet, text: string, what: string): Address {
  const address = parseAddress(text);
  if (address === undefined || !contains(subnet, address))
    throw invalid(
      `no matching subnet for ${what} ${text}: ${formatAddress({ family: subnet.family, value: subnet.base })}/${subnet.prefixLength}`,
    );
  return address;
}
