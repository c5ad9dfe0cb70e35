/** What a container has received and sent, by its interfaces. */
import type { ContainerRecord } from "../containers/container.ts";
import type { HostMeter, NetworkCounters } from "../ports.ts";

type Counters = Record<string, NetworkCounters>;

/** Of one container, again and again: where nothing has moved, the answer is the same object. */
export function networksOf(host: Pick<HostMeter, "networkCounters">) {
  let last: { ends: readonly End[]; counters: Counters } | undefined;
  /**
   * @param interfaces the host's, where they are at hand: they have the other ends of the container's. Reading these once costs
   * less than looking into the network of each container.
   * @returns undefined when it has no network of its own
   */
  return ({ endpoints, state }: Pick<ContainerRecord, "endpoints" | "state">, interfaces?: Counters) => {
    const pid = state.process?.pid;
    if (endpoints.length === 0 || pid === undefined) return undefined;
    const ends: End[] = [];
    for (const { hostInterface, interfaceName: name } of endpoints) {
      const outside = interfaces?.[hostInterface];
      // macvlan and ipvlan have no other end; a network that was just connected may not be in the list yet.
      if (name === undefined || outside === undefined) return host.networkCounters(pid);
      ends.push({ name, outside });
    }
    if (last === undefined || !sameEnds(last.ends, ends))
      last = { ends, counters: Object.fromEntries(ends.map(({ name, outside }) => [name, otherEnd(outside)])) };
    return last.counters;
  };
}

type End = { name: string; outside: NetworkCounters };

const sameEnds = (a: readonly End[], b: readonly End[]) =>
  a.length === b.length && a.every(({ name, outside }, at) => name === b[at]?.name && outside === b[at].outside);

/** What goes into one end of a pair comes out of the other. */
function otherEnd(outside: NetworkCounters): NetworkCounters {
  return {
    rx_bytes: outside.tx_bytes,
    rx_packets: outside.tx_packets,
    rx_errors: outside.tx_errors,
    rx_dropped: outside.tx_dropped,
    tx_bytes: outside.rx_bytes,
    tx_packets: outside.rx_packets,
    tx_errors: outside.rx_errors,
    tx_dropped: outside.rx_dropped,
  };
}
