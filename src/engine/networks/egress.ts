/** Who is under which egress policy, and what the DNS server may tell them; decision 0041. */
import { EngineError, invalid } from "../errors.ts";
import type { EndpointRequest } from "../ports.ts";
import { EGRESS, type EgressRule, hasNames, parseEgress, rulesForName } from "./egress-policy.ts";
import type { EgressPolicy, NamedAddress } from "./host-network.ts";
import type { NameGovernor } from "./name-servers.ts";
import { isDefaultBridge, isVlan, type NetworkRecord } from "./network.ts";
import { findNetwork, type NetworkState, type Reservation } from "./state.ts";

/** What a policy's chains and sets are named after. */
const KEY_DIGITS = 12;
/** Of names that were refused, so many are remembered for each policy. */
const MAX_NAMES = 100;

/** Of all containers that hold addresses, and of all networks. */
export function policiesOf(state: Pick<NetworkState, "networks" | "reservations">): EgressPolicy[] {
  const containers = [...state.reservations].flatMap(([id, { egress, endpoints }]): EgressPolicy[] => {
    if (!egress) return [];
    const sources = endpoints
      .filter(({ hostInterface, hidden }) => hostInterface !== "" && !hidden)
      .map(({ networkId, hostInterface, mac, ipv4, ipv6 }) => {
        const bridge = state.networks.get(networkId)?.record.bridge ?? "";
        return { bridge, hostInterface, mac, ipv4, ipv6 };
      });
    const owner = { kind: "container" as const, id, name: egress.name };
    return [{ key: id.slice(0, KEY_DIGITS), owner, rules: egress.rules, sources, bridges: [] }];
  });
  const networks = [...state.networks.values()].flatMap(({ record }): EgressPolicy[] => {
    const rules = networkRules(record);
    const { id, name } = record;
    const owner = { kind: "network" as const, id, name };
    return rules ? [{ key: id.slice(0, KEY_DIGITS), owner, rules, sources: [], bridges: [record.bridge] }] : [];
  });
  return [...containers, ...networks];
}

/** @throws EngineError invalid for a list that cannot be read, or a network where nobody could enforce it */
export function networkRules(record: NetworkRecord): EgressRule[] | undefined {
  const text = record.options[EGRESS];
  if (text === undefined || record.configOnly) return undefined;
  const rules = parseEgress(text, `option ${EGRESS}`);
  if (isVlan(record)) throw invalid(`option ${EGRESS}: ${UNSEEN(record.driver)}`);
  return rules;
}

const UNSEEN = (driver: string) =>
  `packets of ${driver} networks do not pass this host's rules, so they cannot be judged: use a bridge network`;

/**
 * Note a container's policy with its reservation, before it has any address.
 * @throws EngineError invalid, with the cure, where it could not be enforced
 */
export function governReservation(
  state: NetworkState,
  reservation: Reservation,
  requests: (EndpointRequest & { network: string })[],
): void {
  const [first] = requests;
  if (first?.egress === undefined) return;
  const rules = parseEgress(first.egress, EGRESS);
  const records = requests.map(({ network }) => findNetwork(state, network).record);
  for (const record of records) refuseEgressOn(record);
  if (
    hasNames(rules) &&
    records.length > 0 &&
    records.every((record) => isDefaultBridge(record) || record.driver === "null")
  )
    throw invalid(
      `${EGRESS}: names need the engine's DNS server, which the default bridge has not: use a network of your own, or CIDRs`,
    );
  reservation.egress = { name: first.name, rules };
}

/** @throws EngineError invalid: a container under a policy cannot be on this network */
export function refuseEgressOn(record: NetworkRecord): void {
  if (isVlan(record)) throw invalid(`${EGRESS}: network ${record.name}: ${UNSEEN(record.driver)}`);
  if (record.driver === "host") throw invalid(`${EGRESS}: the host's network is the host's own: use a bridge network`);
}

/** Policies by a client of the DNS server. */
export function nameGovernor(state: NetworkState): NameGovernor {
  const governing = (networkId: string, from: string) => {
    const own = [...state.reservations].find(([, { endpoints }]) =>
      endpoints.some((endpoint) => endpoint.networkId === networkId && endpoint.ipv4 === from),
    );
    const ids = own ? own[1].endpoints.map((endpoint) => endpoint.networkId) : [networkId];
    const byNetwork = ids.flatMap((id) => {
      const record = state.networks.get(id)?.record;
      const rules = record && networkRules(record);
      return rules ? [{ key: id.slice(0, KEY_DIGITS), rules }] : [];
    });
    const egress = own?.[1].egress;
    return own && egress ? [{ key: own[0].slice(0, KEY_DIGITS), rules: egress.rules }, ...byNetwork] : byNetwork;
  };
  return {
    refuses(networkId, from, name) {
      const refusing = governing(networkId, from).filter(({ rules }) => rulesForName(rules, name).length === 0);
      for (const { key } of refusing) countName(state.refusedNames, key, name);
      return refusing.length > 0;
    },
    async opened(networkId, from, { name, addresses }) {
      for (const { key, rules } of governing(networkId, from))
        for (const rule of rulesForName(rules, name)) await state.host.firewall.open(key, rule, addresses);
    },
  };
}

function countName(all: NetworkState["refusedNames"], key: string, name: string): void {
  const names = all.get(key) ?? new Map<string, number>();
  all.set(key, names);
  if (names.has(name) || names.size < MAX_NAMES) names.set(name, (names.get(name) ?? 0) + 1);
}

export type EgressShown = {
  owner: EgressPolicy["owner"];
  rules: { allow: string; packets: number; bytes: number; open: NamedAddress[] }[];
  refused: { packets: number; bytes: number; names: Record<string, number> };
};

/** All policies in force, with what the kernel has counted. @param ref of a container or network; "" for all */
export async function reportEgress(state: NetworkState, ref: string): Promise<EgressShown[]> {
  const reports = new Map((await state.host.firewall.reportEgress()).map((report) => [report.key, report]));
  const all = policiesOf(state).map((policy): EgressShown => {
    const report = reports.get(policy.key);
    return {
      owner: policy.owner,
      rules: policy.rules.map(({ text }, index) => {
        const { packets = 0, bytes = 0, open = [] } = report?.rules[index] ?? {};
        return { allow: text, packets, bytes, open };
      }),
      refused: {
        packets: report?.refused.packets ?? 0,
        bytes: report?.refused.bytes ?? 0,
        names: Object.fromEntries(state.refusedNames.get(policy.key) ?? []),
      },
    };
  });
  if (ref === "") return all;
  const found = all.filter(({ owner }) => owner.name === ref || (ref.length >= 3 && owner.id.startsWith(ref)));
  if (found.length === 0)
    throw new EngineError("not-found", `no egress policy is in force for ${ref}: it does not run, or has none`);
  return found;
}
