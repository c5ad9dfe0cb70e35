/** The firewall of one engine as nft text (nft(8)): pure. One table of our own; nothing of others is named in it. */
import { isIPv6 } from "node:net";
import type { FirewallNetwork, PublishRule } from "../../engine/networks/host-network.ts";
import { EGRESS_MAPS, type EgressState, egressChains, egressElements, egressSets } from "./egress-ruleset.ts";

export type RulesetModel = {
  networks: FirewallNetwork[];
  published: PublishRule[];
  egress: EgressState;
};

/** All rules, in one transaction: make the table if it is missing, drop it, write it anew. */
export function fullRuleset(table: string, model: RulesetModel): string {
  const late = egressElements(model.egress)
    .map(({ map, element }) => `add element inet ${table} ${map} { ${element} }\n`)
    .join("");
  return `table inet ${table} {}\ndelete table inet ${table}\ntable inet ${table} {\n${body(model)}}\n${late}`;
}

/** One published port more, or less, in the maps: no rule changes. */
export function elementCommands(action: "add" | "delete", table: string, rules: PublishRule[]): string {
  return elements(rules)
    .map((element) => `${action} element inet ${table} ${element.map} { ${elementText(element)} }\n`)
    .join("");
}

/** How many rules and elements the table must hold, by chain and set: what the watch compares with the kernel. */
export function countRuleset(model: RulesetModel): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string, more: number) => counts.set(name, (counts.get(name) ?? 0) + more);
  for (const chain of chains(model)) count(chain.name, chain.rules.length);
  for (const map of maps(model)) count(map.name, 0);
  for (const { map } of [...elements(model.published), ...egressElements(model.egress)]) count(map, 1);
  // Those with a time limit lose elements by themselves.
  for (const set of sets(model.networks)) count(set.name, set.elements.length);
  return counts;
}

const ROUTED = (address: string) => `${address} . inet_proto . inet_service`;

/** The last two are sets: their types name no value. */
const MAPS = [
  {
    name: "publish4",
    type: "inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service",
    says: "ports published on one address",
  },
  {
    name: "publish4_any",
    type: "inet_proto . inet_service : ipv4_addr . inet_service",
    says: "ports published on 0.0.0.0",
  },
  {
    name: "publish6",
    type: "inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service",
    says: "ports published on one address",
  },
  {
    name: "publish6_any",
    type: "inet_proto . inet_service : ipv6_addr . inet_service",
    says: "ports published on [::]",
  },
  { name: "routed4", type: ROUTED("ipv4_addr"), says: "ports at which routed containers are reached" },
  { name: "routed6", type: ROUTED("ipv6_addr"), says: "ports at which routed containers are reached" },
];

type Chain = { name: string; hook?: string; rules: string[] };
type NftSet = { name: string; type: string; flags?: string; says: string; elements: string[] };

function body(model: RulesetModel): string {
  const lines: string[] = [];
  for (const set of [...sets(model.networks), ...egressSets(model.egress, Date.now())]) {
    const flags = set.flags ? ` flags ${set.flags};` : "";
    lines.push(`\tset ${set.name} { type ${set.type};${flags} comment "${set.says}"; ${elementList(set.elements)}}`);
  }
  for (const map of maps(model)) {
    const own = elements(model.published)
      .filter((element) => element.map === map.name)
      .map(elementText);
    lines.push(
      `\t${map.type.includes(" : ") ? "map" : "set"} ${map.name} { type ${map.type}; comment "${map.says}"; ${elementList(own)}}`,
    );
  }
  for (const chain of chains(model)) {
    const hook = chain.hook ? `\t\ttype ${chain.hook}; policy accept;\n` : "";
    lines.push(`\tchain ${chain.name} {\n${hook}${chain.rules.map((rule) => `\t\t${rule}\n`).join("")}\t}`);
  }
  return `${lines.join("\n")}\n`;
}

function maps({ egress }: RulesetModel) {
  return egress.policies.length > 0 ? [...MAPS, ...EGRESS_MAPS] : MAPS;
}

function elementList(all: string[]): string {
  return all.length === 0 ? "" : `elements = { ${all.join(", ")} }; `;
}

function sets(networks: FirewallNetwork[]): NftSet[] {
  const quoted = (some: FirewallNetwork[]) => some.map((network) => `"${network.bridge}"`);
  return [
    { name: "bridges", type: "ifname", says: "one per network", elements: quoted(networks) },
    {
      name: "internal",
      type: "ifname",
      says: "networks without a way out",
      elements: quoted(networks.filter((network) => network.internal)),
    },
    {
      name: "within",
      type: "ifname . ifname",
      says: "from a network to itself",
      elements: networks.filter((network) => network.icc).map(({ bridge }) => `"${bridge}" . "${bridge}"`),
    },
  ];
}

/** "publish" comes first: nft wants a chain to exist before a jump to it. */
function chains({ networks, egress }: RulesetModel): Chain[] {
  return [
    ...egressChains(
      egress,
      networks.filter(({ guarded }) => guarded),
    ),
    {
      name: "publish",
      rules: [
        "dnat ip to meta l4proto . ip daddr . th dport map @publish4",
        "dnat ip to meta l4proto . th dport map @publish4_any",
        "dnat ip6 to meta l4proto . ip6 daddr . th dport map @publish6",
        "dnat ip6 to meta l4proto . th dport map @publish6_any",
      ],
    },
    {
      name: "loopback_guard",
      hook: "filter hook prerouting priority raw",
      rules: [
        ...networks.flatMap(dnsPass),
        `iifname @bridges ip daddr 127.0.0.0/8 drop comment "containers do not reach the host's loopback"`,
      ],
    },
    {
      name: "incoming",
      hook: "nat hook prerouting priority dstnat",
      rules: [
        ...networks.flatMap(dnsRedirect),
        `ip daddr 127.0.0.0/8 return comment "ports published on loopback are for this host only"`,
        `ip6 daddr ::1 return`,
        `fib daddr type local jump publish comment "published ports, from elsewhere"`,
      ],
    },
    {
      name: "outgoing",
      hook: "nat hook output priority -100",
      rules: [`fib daddr type local jump publish comment "published ports, from this host"`],
    },
    {
      name: "masquerading",
      hook: "nat hook postrouting priority srcnat",
      rules: [
        `oifname @bridges ip saddr 127.0.0.0/8 masquerade comment "from this host's loopback to a published port"`,
        ...networks.flatMap(masquerade),
      ],
    },
    {
      name: "forwarding",
      hook: "filter hook forward priority filter",
      rules: [
        `iifname . oifname @within accept comment "containers of one network"`,
        `iifname @internal drop comment "internal networks have no way out"`,
        `oifname @internal drop comment "and none in"`,
        `oifname @bridges ct state established,related accept comment "answers"`,
        `oifname @bridges ct status dnat accept comment "published ports"`,
        `ip daddr . meta l4proto . th dport @routed4 accept comment "published ports of routed networks"`,
        `ip6 daddr . meta l4proto . th dport @routed6 accept`,
        ...networks.flatMap(unprotected),
        `oifname @bridges drop comment "networks are isolated, from each other and from elsewhere"`,
      ],
    },
  ];
}

function dnsPass({ bridge, dns }: FirewallNetwork): string[] {
  if (!dns) return [];
  return [`iifname "${bridge}" ip daddr 127.0.0.11 meta l4proto { tcp, udp } th dport 53 accept comment "DNS queries"`];
}

function dnsRedirect({ bridge, name, dns }: FirewallNetwork): string[] {
  if (!dns) return [];
  return [
    `iifname "${bridge}" ip daddr 127.0.0.11 meta l4proto { tcp, udp } th dport 53 dnat ip to ${dns.address}:${dns.port} comment "DNS of ${comment(name)}"`,
  ];
}

function unprotected({ bridge, name, gateway }: FirewallNetwork): string[] {
  return ([4, 6] as const)
    .filter((family) => gateway[family] === "nat-unprotected")
    .map((family) => `meta nfproto ipv${family} oifname "${bridge}" accept comment "${comment(name)} is unprotected"`);
}

function masquerade(network: FirewallNetwork): string[] {
  return network.subnets.flatMap((subnet) => {
    const family = isIPv6(subnet.split("/")[0] ?? "") ? "ip6" : "ip";
    const from = `${family} saddr ${subnet}`;
    const hairpin = `oifname "${network.bridge}" ${from} ct status dnat masquerade comment "to a published port of the own network"`;
    // IPv6 addresses of networks are unique local ones: without masquerading they cannot leave the host.
    const out = `oifname != "${network.bridge}" ${from} masquerade comment "out of ${comment(network.name)}"`;
    const isNat = ["nat", "nat-unprotected"].includes(network.gateway[family === "ip6" ? 6 : 4]);
    return network.masquerade && !network.internal && isNat ? [hairpin, out] : [hairpin];
  });
}

/** nft's comments are quoted and at most 128 bytes long. */
function comment(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "?").slice(0, 60);
}

type Element = { map: string; key: string; value: string };

const elementText = ({ key, value }: Element) => (value === "" ? key : `${key} : ${value}`);

function elements(rules: PublishRule[]): Element[] {
  return rules
    .filter((rule) => rule.target !== "")
    .map((rule) => {
      const family = isIPv6(rule.hostIp) ? 6 : 4;
      if (rule.routed)
        return { map: `routed${family}`, key: `${rule.target} . ${rule.proto} . ${rule.containerPort}`, value: "" };
      const any = rule.hostIp === "0.0.0.0" || rule.hostIp === "::";
      return {
        map: `publish${family}${any ? "_any" : ""}`,
        key: any ? `${rule.proto} . ${rule.hostPort}` : `${rule.proto} . ${rule.hostIp} . ${rule.hostPort}`,
        value: `${rule.target} . ${rule.containerPort}`,
      };
    });
}
