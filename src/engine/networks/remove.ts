/** DELETE /networks/{id} and prune. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import { untilTime } from "../containers/until-time.ts";
import { EngineError } from "../errors.ts";
import { takeDown } from "./bring-up.ts";
import { settleDnsLink } from "./dns-link.ts";
import { isPredefined, type Network } from "./network.ts";
import { endpointsOn, findNetwork, type NetworkState, networkEvent, shownNetworks, writeFirewall } from "./state.ts";

export const PRUNE_FILTERS = ["label", "label!", "until"] as const;

/** @throws EngineError forbidden for the three, or when containers are connected (docker's texts) */
export async function removeNetwork(state: NetworkState, ref: string): Promise<void> {
  const network = findNetwork(state, ref);
  const { record } = network;
  if (isPredefined(record))
    throw new EngineError("forbidden", `${record.name} is a pre-defined network and cannot be removed`);
  if (record.configOnly && shownNetworks(state).some((other) => other.record.configFrom === record.name))
    throw new EngineError(
      "forbidden",
      `error while removing network: configuration network ${JSON.stringify(record.name)} is in use`,
    );
  const active = endpointsOn(state, record.id).map(
    ({ container, endpoint }) => `name:"${container.name}" id:"${endpoint.endpointId.slice(0, 12)}"`,
  );
  if (active.length > 0 || isReserved(state, network))
    throw new EngineError(
      "forbidden",
      `error while removing network: network ${record.name} has active endpoints (${active.join(", ")})`,
    );
  // Out of sight first: no container may join what is going away. Its record last: with it the next engine would finish.
  state.networks.delete(record.id);
  try {
    if (record.bridge !== "") await writeFirewall(state);
    await takeDown(state, record);
  } catch (error) {
    state.networks.set(record.id, network);
    throw error;
  }
  state.table.remove(record.id);
  await settleDnsLink(state);
  networkEvent(state, "destroy", record);
}

/** Remove all that no running container is connected to. */
export async function pruneNetworks(state: NetworkState, filters: Filters): Promise<{ NetworksDeleted: string[] }> {
  const [until] = filters.values("until").map((text) => untilTime(text, state.clock.now()));
  const deleted: string[] = [];
  for (const network of shownNetworks(state)) {
    const { record } = network;
    // Templates are nobody's to connect to, so their being unused says nothing; docker keeps them, too.
    if (
      record.configOnly ||
      isPredefined(record) ||
      isReserved(state, network) ||
      endpointsOn(state, record.id).length > 0
    )
      continue;
    if (until !== undefined && Date.parse(record.created) > until) continue;
    if (!matchesLabels(record.labels, filters.values("label"))) continue;
    if (filters.has("label!") && matchesLabels(record.labels, filters.values("label!"))) continue;
    await removeNetwork(state, record.id);
    deleted.push(record.name);
  }
  return { NetworksDeleted: deleted };
}

/** A container that is just being started has an address of it. */
function isReserved(state: NetworkState, { record }: Network): boolean {
  return [...state.reservations.values()].some(({ endpoints }) =>
    endpoints.some(({ networkId }) => networkId === record.id),
  );
}
