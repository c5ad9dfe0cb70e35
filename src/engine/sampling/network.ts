/** What a container has received and sent, by its interfaces. */
import type { ContainerRecord } from "../containers/container.ts";
import type { HostMeter, NetworkCounters } from "../ports.ts";

type Counters = Record<string, NetworkCounters>;

/**
 * @param interfaces the host's, where they are at hand: they have the other ends of the container's. Reading these once costs
 * less than looking into the network of each container.
 * @returns undefined when it has no network of its own
 */
export function networksOf(
  { endpoints, state }: Pick<ContainerRecord, "endpoints" | "state">,
  host: Pick<HostMeter, "networkCounters">,
  interfaces?: Counters,
): Counters | undefined {
  const pid = state.process?.pid;
  if (endpoints.length === 0 || pid === undefined) return undefined;
  const pairs = endpoints.map(
    ({ hostInterface, interfaceName }) => [interfaceName, interfaces?.[hostInterface]] as const,
  );
  const fromHost: Counters = {};
  for (const [name, outside] of pairs) {
    // macvlan and ipvlan have no other end; a network that was just connected may not be in the list yet.
    if (name === undefined || outside === undefined) return host.networkCounters(pid);
    fromHost[name] = otherEnd(outside);
  }
  return fromHost;
}

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
