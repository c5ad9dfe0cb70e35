/** Egress policies: the list of what may be reached from a container or network, as people write it. Pure. */
import { isIPv6 } from "node:net";
import { parseAddress, parseCidr } from "../../kernel/cidr.ts";
import { invalid } from "../errors.ts";

/** Annotation or label of a container, driver option of a network. */
export const EGRESS = "cloche.egress";

export type EgressRule = {
  /** as it was written */
  text: string;
  /** "10.0.0.0/8", or a name: "example.internal", "*.example.internal" for all below it */
  to: { cidr: string; family: 4 | 6 } | { name: string };
  /** absent: every port and protocol */
  ports?: { first: number; last: number; proto?: "tcp" | "udp" };
};

/**
 * @param text entries separated by commas or spaces: TARGET[:PORT[-PORT][/tcp|/udp]]; TARGET is an address, a CIDR (IPv6 in
 *   brackets if a port follows) or a name. "none" for an empty list
 * @param where what the client calls it, for the error
 * @throws EngineError invalid with the entry and an example
 */
export function parseEgress(text: string, where: string): EgressRule[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  if (entries.length === 0) throw invalid(`${where}: the list is empty; "none" allows nothing`);
  if (entries.length > MAX_RULES) throw invalid(`${where}: more than ${MAX_RULES} entries`);
  if (entries.length === 1 && entries[0] === "none") return [];
  return entries.map((entry) => {
    const rule = parseRule(entry);
    if (rule === undefined)
      throw invalid(
        `${where}: "${entry}" is no address, CIDR or name with an optional port: ` +
          "write 10.0.0.0/8, [2001:db8::/32]:443, example.internal:443/tcp, *.example.internal or none",
      );
    return rule;
  });
}

const MAX_RULES = 256;

function parseRule(text: string): EgressRule | undefined {
  const whole = target(text);
  if (whole) return { text, to: whole };
  const match = /^(.+):(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text);
  if (!match) return undefined;
  const [, head = "", first = "", last = first, proto] = match;
  const to = target(head);
  // 2001:db8::1:443 is an address; which port was meant, nobody can tell.
  if (to === undefined || ("family" in to && to.family === 6 && !head.startsWith("["))) return undefined;
  const ports = { first: Number(first), last: Number(last) };
  if (ports.first < 1 || ports.last > 65535 || ports.last < ports.first) return undefined;
  return { text, to, ports: { ...ports, ...(proto && { proto: proto as "tcp" | "udp" }) } };
}

function target(text: string): EgressRule["to"] | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  if (bare !== text && !isIPv6(bare.split("/")[0] ?? "")) return undefined;
  const address = parseAddress(bare);
  if (address) return { cidr: bare, family: address.family };
  const cidr = parseCidr(bare);
  if (cidr) return { cidr: bare, family: cidr.subnet.family };
  return isName(bare) ? { name: bare.toLowerCase() } : undefined;
}

/** RFC 1035's letters and digits, with the underscores that services have; what looks like an address is none. */
function isName(text: string): boolean {
  const labels = text.replace(/^\*\./, "").split(".");
  const last = labels.at(-1) ?? "";
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    !/^\d+$/.test(last)
  );
}

/** @param name without trailing dot @returns numbers of the rules that allow it */
export function rulesForName(rules: EgressRule[], name: string): number[] {
  const wanted = name.toLowerCase();
  return rules.flatMap(({ to }, index) => {
    if (!("name" in to)) return [];
    const matches = to.name.startsWith("*.") ? wanted.endsWith(to.name.slice(1)) : wanted === to.name;
    return matches ? [index] : [];
  });
}

export function hasNames(rules: EgressRule[]): boolean {
  return rules.some(({ to }) => "name" in to);
}
