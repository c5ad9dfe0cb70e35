/** The published ports of a running container lead to the network that gives its default route: they move when it changes. */
import { encodeRequests } from "../../kernel/netlink.ts";
import { setBridgePort } from "../../kernel/netlink-link.ts";
import type { Container } from "../containers/container.ts";
import { networkRequest } from "../containers/network-request.ts";
import type { Endpoint } from "../ports.ts";
import { publishedPorts, publishOn } from "./connector.ts";
import { holdAgain } from "./host-ports.ts";
import { BRIDGE_OPTION, isOn } from "./network.ts";
import { type NetworkState, reservationOf } from "./state.ts";

type Move = { container: Container; from: Endpoint | undefined; to: Endpoint | undefined };

/**
 * @param move.to undefined, or no bridge: they are published no more
 * @throws EngineError when a port that was not published before is taken
 */
export async function movePorts(state: NetworkState, { container, from, to }: Move): Promise<void> {
  const { record } = container;
  const { ports } = networkRequest(record);
  if (from === to || ports.length === 0) return;
  const reservation = reservationOf(state, record.id);
  const network = to && state.networks.get(to.networkId);
  if (reservation.rules.length > 0) {
    await state.host.firewall.unpublish(reservation.rules.splice(0));
    await Promise.all(reservation.held.splice(0).map((port) => port.close()));
  }
  if (to && network?.record.driver === "bridge") {
    if (record.ports.length > 0) Object.assign(reservation, await holdAgain(state, to, record.ports));
    else await publishOn(state, reservation, { owner: record.name, endpoint: to, ports });
    await state.host.firewall.publish(reservation.rules);
    await letThroughItself(state, container, to);
  }
  record.ports = publishedPorts(reservation);
}

/** A container that calls itself by its published port needs a port in hairpin mode (decision 0030). */
async function letThroughItself(state: NetworkState, { record }: Container, to: Endpoint): Promise<void> {
  const network = state.networks.get(to.networkId);
  const { process } = record.state;
  if (!network || !process || to.interfaceIndex === undefined || !record.endpoints.includes(to)) return;
  const port = { isolated: !isOn(network.record, BRIDGE_OPTION.icc), hairpin: true };
  const messages = encodeRequests([setBridgePort(to.interfaceIndex, port)]);
  await state.host.apply(process, {
    host: [{ label: `${to.hostInterface} in hairpin mode`, messages }],
    container: [],
  });
}
