/** What is refused before anything of a new network is made, in docker's order and words. */
import type { NetworkCreate } from "../../wire/network.ts";
import { conflict, EngineError, invalid, notFound } from "../errors.ts";
import { gatewayMode } from "./bring-up.ts";
import { networkRules } from "./egress.ts";
import { BRIDGE_OPTION, isVlan, type NetworkDriver, type NetworkRecord } from "./network.ts";
import { type NetworkState, shownNetworks } from "./state.ts";
import { vlanLink } from "./vlan-options.ts";

/** Names that mean something else in `--network`. */
const RESERVED = ["default", "container"];
const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/**
 * @returns what is to be made: with --config-from, the template's configuration
 * @throws EngineError
 */
export function refuseCreate(
  state: NetworkState,
  request: NetworkCreate,
): { driver: NetworkDriver; request: NetworkCreate } {
  refuseName(state, request.Name);
  if (request.Scope === "swarm" && !request.ConfigOnly)
    throw new EngineError("forbidden", "cannot create a swarm scoped network when swarm is not active");
  if (request.ConfigOnly) {
    refuseTemplate(request);
    return { driver: "null", request };
  }
  const configured = request.ConfigFrom === "" ? request : fromTemplate(state, request);
  const driver = driverOf(configured);
  if (request.Ingress) throw new EngineError("forbidden", "Ingress network can only be global scope network");
  if (!["", "local"].includes(request.Scope)) throw new EngineError("unavailable", NO_SWARM);
  if (configured.IPAM.Driver !== "default")
    throw invalid(`could not find plugin ${configured.IPAM.Driver} in v1 plugin registry: plugin not found`);
  if (configured.EnableIPv4 === false && configured.EnableIPv6 !== true) throw invalid("IPv4 or IPv6 must be enabled");
  return { driver, request: configured };
}

function refuseName(state: NetworkState, name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw invalid(
      name.trim() === ""
        ? "invalid network name: name is empty"
        : `invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    );
  if (["bridge", "host", "none", ...RESERVED].includes(name))
    throw new EngineError("forbidden", `operation is not permitted on predefined ${name} network`);
  if (shownNetworks(state).some(({ record }) => record.name === name))
    throw conflict(`network with name ${name} already exists`);
}

function driverOf({ Driver: driver }: NetworkCreate): NetworkDriver {
  if (driver === "overlay") throw new EngineError("unavailable", NO_SWARM);
  if (driver === "host" || driver === "null")
    throw new EngineError("forbidden", `only one instance of "${driver}" network is allowed`);
  if (driver === "bridge" || driver === "macvlan" || driver === "ipvlan") return driver;
  throw notFound(`could not find plugin ${driver} in v1 plugin registry: plugin "${driver}" not found`);
}

function refuseTemplate(request: NetworkCreate): void {
  if (request.Ingress || request.Internal || request.Attachable || request.Scope === "swarm")
    throw new EngineError(
      "forbidden",
      "configuration network can only contain network specific fields. Network operator fields like " +
        "[ ingress | internal | attachable | scope ] are not supported.",
    );
  if (request.ConfigFrom !== "")
    throw new EngineError("forbidden", "a configuration network cannot depend on another configuration network");
}

function fromTemplate(state: NetworkState, request: NetworkCreate): NetworkCreate {
  const { IPAM: ipam, Labels: labels, Options: options, EnableIPv6: enableIpv6 } = request;
  const given = [ipam.Config.filter((config) => Object.keys(config).length > 0), ipam.Options ?? {}, labels];
  if (ipam.Driver !== "default" || enableIpv6 === true || given.some((part) => Object.keys(part).length > 0))
    throw new EngineError(
      "forbidden",
      "user specified configurations are not supported if the network depends on a configuration network",
    );
  if (Object.keys(options).length > 0)
    throw new EngineError(
      "forbidden",
      "network driver options are not supported if the network depends on a configuration network",
    );
  const from = shownNetworks(state).find(
    ({ record }) => record.configOnly && record.name === request.ConfigFrom,
  )?.record;
  if (!from) throw notFound(`configuration network ${JSON.stringify(request.ConfigFrom)} does not exist`);
  return {
    ...request,
    EnableIPv4: from.enableIpv4,
    EnableIPv6: from.enableIpv6,
    IPAM: {
      Driver: from.ipamDriver,
      Options: from.ipamOptions,
      Config: from.subnets.map(({ subnet, ipRange, gateway, auxiliary }) => ({
        Subnet: subnet,
        ...(ipRange && { IPRange: ipRange }),
        ...(gateway && { Gateway: gateway }),
        ...(auxiliary && { AuxiliaryAddresses: auxiliary }),
      })),
    },
    Options: from.options,
    Labels: from.labels,
  };
}

/** @throws EngineError invalid: the driver's own options */
export function checkOptions(record: NetworkRecord): void {
  const mtu = record.options[BRIDGE_OPTION.mtu];
  if (mtu !== undefined && !(/^\d+$/.test(mtu) && Number(mtu) >= 68 && Number(mtu) <= 65535))
    throw invalid(`failed to parse ${BRIDGE_OPTION.mtu} value: ${mtu} (an MTU is expected)`);
  if (isVlan(record)) vlanLink(record);
  networkRules(record);
  if (record.driver !== "bridge") return;
  for (const family of [4, 6] as const) {
    const mode: string = gatewayMode(record, family);
    if (!["nat", "nat-unprotected", "routed", "isolated"].includes(mode))
      throw invalid(`invalid gateway mode for IPv${family}: '${mode}': nat, nat-unprotected, routed or isolated`);
    if (mode === "isolated" && !record.internal)
      throw invalid(`gateway mode 'isolated' can only be used for an internal network`);
  }
}
