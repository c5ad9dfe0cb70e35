/** POST /networks/create: check, choose what was left open, make the bridge or find the parent, keep the record. */
import { MAX_INTERFACE_NAME } from "../../kernel/netlink-link.ts";
import { undoStack } from "../../lib/undo.ts";
import type { NetworkCreate } from "../../wire/network.ts";
import { conflict, invalid } from "../errors.ts";
import { bringUp, takeDown } from "./bring-up.ts";
import { checkOptions, refuseCreate } from "./create-checks.ts";
import { settleDnsLink } from "./dns-link.ts";
import { BRIDGE_OPTION, isVlan, type NetworkDriver, type NetworkRecord } from "./network.ts";
import { type NetworkState, networkEvent, writeFirewall } from "./state.ts";
import { chooseSubnets, templateSubnets } from "./subnets.ts";
import { parentName, refuseSharedParent } from "./vlan-options.ts";

/** @throws EngineError with docker's texts: invalid, forbidden, conflict, not-found */
export async function createNetwork(
  state: NetworkState,
  asked: NetworkCreate,
): Promise<{ Id: string; Warning: string }> {
  const { driver, request } = refuseCreate(state, asked);
  const record = request.ConfigOnly ? template(state, request) : await ordinary(state, request, driver);
  await using undo = undoStack((error) => state.log(`undo of network create: ${error}`));
  // The record first: a bridge without one would stay for ever, and a network without its bridge gets it at the next start.
  undo.add(() => state.table.remove(record.id));
  state.table.put(record.id, record);
  undo.add(() => takeDown(state, record));
  await bringUp(state, record);
  undo.add(async () => {
    state.networks.delete(record.id);
    await writeFirewall(state);
    await settleDnsLink(state);
  });
  if (record.bridge !== "") await writeFirewall(state);
  await settleDnsLink(state);
  undo.keep();
  networkEvent(state, "create", record);
  return { Id: record.id, Warning: "" };
}

async function ordinary(state: NetworkState, request: NetworkCreate, driver: NetworkDriver): Promise<NetworkRecord> {
  const id = state.newId();
  const enableIpv4 = request.EnableIPv4 ?? true;
  const enableIpv6 = request.EnableIPv6 ?? false;
  const record: NetworkRecord = {
    ...written(state, id, request),
    driver,
    enableIpv4,
    enableIpv6,
    subnets: await chooseSubnets(state, { id, configs: request.IPAM.Config, enableIpv4, enableIpv6 }),
    bridge: driver === "bridge" ? bridgeName(state, request, id) : "",
  };
  checkOptions(record);
  if (!isVlan(record)) return record;
  record.parent = parentName(record);
  refuseSharedParent(
    record,
    [...state.networks.values()].map((other) => other.record),
  );
  const sharer = [...state.networks.values()].find((other) => other.record.parent === record.parent);
  if (sharer ? sharer.record.madeParent : !(await state.host.hasLink(record.parent))) record.madeParent = true;
  return record;
}

function template(state: NetworkState, request: NetworkCreate): NetworkRecord {
  return {
    ...written(state, state.newId(), request),
    driver: "null",
    enableIpv4: request.EnableIPv4 ?? true,
    enableIpv6: request.EnableIPv6 ?? false,
    subnets: templateSubnets(request.IPAM.Config),
    bridge: "",
    configOnly: true,
  };
}

function written(state: NetworkState, id: string, request: NetworkCreate) {
  return {
    id,
    name: request.Name,
    created: state.clock.now(),
    internal: request.Internal,
    attachable: request.Attachable,
    ipamDriver: request.IPAM.Driver,
    ipamOptions: request.IPAM.Options,
    options: request.Options,
    labels: request.Labels,
    ...(request.ConfigFrom !== "" && { configFrom: request.ConfigFrom }),
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
