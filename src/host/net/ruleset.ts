/** The firewall of one engine as nft text (nft(8)): pure. One table of our own; nothing of others is named in it. */
import { isIPv6 } from "node:net";
import type { FirewallNetwork, PublishRule } from "../../engine/networks/host-network.ts";

/** All rules, in one transaction: make the table if it is missing, drop it, write it anew. */
export function fullRuleset(table: string, networks: FirewallNetwork[], published: PublishRule[]): string {
  return `table inet ${table} {}\ndelete table inet ${table}\ntable inet ${table} {\n${body(networks, published)}}\n`;
}

/** One published port more, or less, in the maps: no rule changes. */
export function elementCommands(action: "add" | "delete", table: string, rules: PublishRule[]): string {
  return elements(rules)
    .map(({ map, key, value }) => `${action} element inet ${table} ${map} { ${key} : ${value} }\n`)
    .join("");
}

/** How many rules and elements the table must hold, by chain and set: what the watch compares with the kernel. */
export function countRuleset(networks: FirewallNetwork[], published: PublishRule[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const chain of chains(networks)) counts.set(chain.name, chain.rules.length);
  for (const map of MAPS) counts.set(map.name, 0);
  for (const { map } of elements(published)) counts.set(map, (counts.get(map) ?? 0) + 1);
  for (const set of sets(networks)) counts.set(set.name, set.elements.length);
  return counts;
}

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
];

type Chain = { name: string; hook?: string; rules: string[] };
type NftSet = { name: string; type: string; says: string; elements: string[] };

function body(networks: FirewallNetwork[], published: PublishRule[]): string {
  const lines: string[] = [];
  for (const set of sets(networks)) {
    lines.push(`\tset ${set.name} { type ${set.type}; comment "${set.says}"; ${elementList(set.elements)}}`);
  }
  for (const map of MAPS) {
    const own = elements(published)
      .filter((element) => element.map === map.name)
      .map(({ key, value }) => `${key} : ${value}`);
    lines.push(`\tmap ${map.name} { type ${map.type}; comment "${map.says}"; ${elementList(own)}}`);
  }
  for (const chain of chains(networks)) {
    const hook = chain.hook ? `\t\ttype ${chain.hook}; policy accept;\n` : "";
    lines.push(`\tchain ${chain.name} {\n${hook}${chain.rules.map((rule) => `\t\t${rule}\n`).join("")}\t}`);
  }
  return `${lines.join("\n")}\n`;
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
function chains(networks: FirewallNetwork[]): Chain[] {
  return [
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

function masquerade(network: FirewallNetwork): string[] {
  return network.subnets.flatMap((subnet) => {
    const family = isIPv6(subnet.split("/")[0] ?? "") ? "ip6" : "ip";
    const from = `${family} saddr ${subnet}`;
    const hairpin = `oifname "${network.bridge}" ${from} ct status dnat masquerade comment "to a published port of the own network"`;
    // IPv6 addresses of networks are unique local ones: without masquerading they cannot leave the host.
    const out = `oifname != "${network.bridge}" ${from} masquerade comment "out of ${comment(network.name)}"`;
    return network.masquerade && !network.internal ? [hairpin, out] : [hairpin];
  });
}

/** nft's comments are quoted and at most 128 bytes long. */
function comment(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]/g, "?").slice(0, 60);
}

function elements(rules: PublishRule[]): { map: string; key: string; value: string }[] {
  return rules
    .filter((rule) => rule.target !== "")
    .map((rule) => {
      const family = isIPv6(rule.hostIp) ? 6 : 4;
      const any = rule.hostIp === "0.0.0.0" || rule.hostIp === "::";
      return {
        map: `publish${family}${any ? "_any" : ""}`,
        key: any ? `${rule.proto} . ${rule.hostPort}` : `${rule.proto} . ${rule.hostIp} . ${rule.hostPort}`,
        value: `${rule.target} . ${rule.containerPort}`,
      };
    });
}
