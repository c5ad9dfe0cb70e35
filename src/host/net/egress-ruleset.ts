/**
 * Egress policies as nft text: pure. What a container or network may reach is a chain; two maps say who is under which.
 * They judge by the original destination, which the container asked for: a published port's is the host's address.
 */

import type { EgressRule } from "../../engine/networks/egress-policy.ts";
import type { EgressPolicy, FirewallNetwork } from "../../engine/networks/host-network.ts";

export type Counter = { packets: number; bytes: number };
/** What of a policy lives in the kernel, and must be written again with it. */
export type EgressState = {
  policies: EgressPolicy[];
  /** Set of a name's addresses -> address -> end, in milliseconds of Date.now(). */
  open: Map<string, Map<string, number>>;
  /** By counterKey. */
  counters: Map<string, Counter>;
};

export const REFUSED = "refused";

export function chainName({ key }: EgressPolicy): string {
  return `egress_${key}`;
}

/** Where the addresses of a rule's name are. */
export function setName({ key }: Pick<EgressPolicy, "key">, rule: number, family: 4 | 6): string {
  return `names_${key}_${rule}_${family}`;
}

/** Of the rules in a policy's chain: the comment begins with the rule's number. */
export function counterKey(chain: string, comment: string): string {
  return `${chain} ${comment.split(":")[0]}`;
}

type Chain = { name: string; hook?: string; rules: string[] };
type NftSet = { name: string; type: string; flags?: string; says: string; elements: string[] };

/** @param now milliseconds: what was open until then is left out */
export function egressSets({ policies, open }: EgressState, now: number): NftSet[] {
  return policies.flatMap((policy) =>
    policy.rules.flatMap(({ to }, rule) => {
      if (!("name" in to)) return [];
      return ([4, 6] as const).map((family): NftSet => {
        const name = setName(policy, rule, family);
        const elements = [...(open.get(name) ?? [])].filter(([, end]) => end > now);
        return {
          name,
          type: family === 4 ? "ipv4_addr" : "ipv6_addr",
          flags: "timeout",
          says: `addresses of ${to.name.slice(0, 80)}, as long as the answers are good`,
          elements: elements.map(
            ([address, end]) => `${address} timeout ${Math.max(1, Math.ceil((end - now) / 1000))}s`,
          ),
        };
      });
    }),
  );
}

export const EGRESS_MAPS = [
  { name: "egress4", type: "ifname . ipv4_addr : verdict", says: "containers under an egress policy" },
  { name: "egress6", type: "ifname . ipv6_addr : verdict", says: "containers under an egress policy" },
  { name: "egress_networks", type: "ifname : verdict", says: "networks under an egress policy" },
];

/** Written after the chains that they name. */
export function egressElements({ policies }: EgressState): { map: string; element: string }[] {
  return policies.flatMap((policy) => {
    const verdict = `jump ${chainName(policy)}`;
    const of = (map: string, key: string) => ({ map, element: `${key} : ${verdict}` });
    return [
      ...policy.bridges.map((bridge) => of("egress_networks", `"${bridge}"`)),
      ...policy.sources.flatMap(({ bridge, ipv4, ipv6 }) => [
        ...(ipv4 ? [of("egress4", `"${bridge}" . ${ipv4}`)] : []),
        ...(ipv6 ? [of("egress6", `"${bridge}" . ${ipv6}`)] : []),
      ]),
    ];
  });
}

/** @param guarded bridges of which nothing but the DNS server is to be reached */
export function egressChains(state: EgressState, guarded: FirewallNetwork[]): Chain[] {
  const { policies } = state;
  if (policies.length === 0 && guarded.length === 0) return [];
  const answers = `ct state established,related accept comment "answers, and what was allowed when it began"`;
  const judge =
    policies.length === 0
      ? []
      : [
          `iifname . ip saddr vmap @egress4 comment "may this container?"`,
          `iifname . ip6 saddr vmap @egress6`,
          `iifname vmap @egress_networks comment "may its network?"`,
        ];
  return [
    ...policies.map((policy) => policyChain(policy, state.counters)),
    {
      name: "egress_out",
      hook: "filter hook forward priority filter - 10",
      rules: [answers, `iifname . oifname @within accept comment "neighbours are not outside"`, ...judge],
    },
    {
      name: "egress_host",
      hook: "filter hook input priority filter - 10",
      rules: [
        answers,
        `ct status dnat ct original ip daddr 127.0.0.11 accept comment "names are asked of the engine"`,
        ...guarded.map(
          ({ bridge }) => `iifname "${bridge}" drop comment "the bridge to the DNS server leads nowhere else"`,
        ),
        `icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept`,
        ...judge,
      ],
    },
  ];
}

function policyChain(policy: EgressPolicy, counters: EgressState["counters"]): Chain {
  const name = chainName(policy);
  const counter = (key: string | number) => {
    const { packets, bytes } = counters.get(`${name} ${key}`) ?? { packets: 0, bytes: 0 };
    return `counter packets ${packets} bytes ${bytes}`;
  };
  const rules = policy.rules.flatMap((rule, index) =>
    destinations(policy, rule, index).map(({ family, match }) => {
      const key = ruleKey(index, family);
      return `${match}${portMatch(rule)} ${counter(key)} return comment "${key}: ${rule.text.slice(0, 100)}"`;
    }),
  );
  return {
    name,
    rules: [
      ...rules,
      `${counter(REFUSED)} reject with icmpx type admin-prohibited comment "${REFUSED}: not in the list of ${`${policy.owner.kind} ${policy.owner.name}`.slice(0, 60)}"`,
    ],
  };
}

/** A name has two rules, one a family: each is counted by itself. */
export function ruleKey(index: number, family: 4 | 6): string {
  return `${index}/${family}`;
}

function destinations(policy: EgressPolicy, { to }: EgressRule, index: number): { family: 4 | 6; match: string }[] {
  const of = (family: 4 | 6, what: string) => ({
    family,
    match: `ct original ${family === 4 ? "ip" : "ip6"} daddr ${what}`,
  });
  if ("name" in to) return [of(4, `@${setName(policy, index, 4)}`), of(6, `@${setName(policy, index, 6)}`)];
  return [of(to.family, to.cidr)];
}

function portMatch({ ports }: EgressRule): string {
  if (!ports) return "";
  const { first, last, proto } = ports;
  const numbers = first === last ? `${first}` : `${first}-${last}`;
  return ` meta l4proto ${proto ?? "{ tcp, udp }"} ct original proto-dst ${numbers}`;
}

/**
 * A table of family bridge: containers under a policy send with their own addresses only, or a raw socket could borrow a
 * neighbour's and be judged by the neighbour's policy.
 */
export function guardRuleset(table: string, policies: EgressPolicy[]): string {
  const ports = policies.flatMap(({ sources }) => sources);
  const clear = `table bridge ${table} {}\ndelete table bridge ${table}\n`;
  if (ports.length === 0) return clear;
  const chains = ports.map(({ hostInterface, mac, ipv4, ipv6 }) => {
    const six = ["::", "fe80::/10", ...(ipv6 ? [ipv6] : [])].join(", ");
    const rules = [
      `ether saddr != ${mac} drop comment "a MAC address that is not the container's"`,
      ...(ipv4 ? [`arp saddr ip != ${ipv4} drop`] : []),
      ipv4 ? `ip saddr != ${ipv4} drop comment "an address that is not the container's"` : "ether type ip drop",
      `ip6 saddr != { ${six} } drop`,
      `ip6 saddr { ::, fe80::/10 } meta l4proto != ipv6-icmp drop comment "link-local is for neighbour discovery"`,
    ];
    return `\tchain of_${hostInterface} {\n${rules.map((rule) => `\t\t${rule}\n`).join("")}\t}\n`;
  });
  const elements = ports.map(({ hostInterface }) => `"${hostInterface}" : jump of_${hostInterface}`);
  return (
    `${clear}table bridge ${table} {\n` +
    `\tmap ports { type ifname : verdict; comment "containers under an egress policy"; }\n${chains.join("")}` +
    `\tchain guard {\n\t\ttype filter hook prerouting priority -300; policy accept;\n\t\tiifname vmap @ports\n\t}\n}\n` +
    `add element bridge ${table} ports { ${elements.join(", ")} }\n`
  );
}

/** What the guard's table must hold, as countRuleset says it of the other. */
export function countGuard(policies: EgressPolicy[]): Map<string, number> {
  const ports = policies.flatMap(({ sources }) => sources);
  return new Map([
    ["guard", 1],
    ["ports", ports.length],
  ]);
}
