/** The moving parts of egress policies: addresses that answers of the DNS server open for a while, and what was counted. Pure. */
import { isIPv6 } from "node:net";
import type { EgressReport, NamedAddress } from "../../engine/networks/host-network.ts";
import { isObject } from "../../lib/is-object.ts";
import { type Counter, chainName, counterKey, type EgressState, REFUSED, ruleKey, setName } from "./egress-ruleset.ts";
import { objectsOf } from "./nft-listing.ts";

/** A client needs a moment between the answer and its first packet, also when the answer is good for none. */
const LEAST_SECONDS = 5;
const MOST_SECONDS = 86_400;

type Opening = { key: string; rule: number; addresses: NamedAddress[] };

/** @returns "" when all of it is open for that long already */
export function openCommands(
  table: string,
  { open, policies }: EgressState,
  { key, rule, addresses }: Opening,
): string {
  if (!policies.some((policy) => policy.key === key)) return "";
  const commands: string[] = [];
  for (const { address, seconds } of addresses) {
    const set = setName({ key }, rule, isIPv6(address) ? 6 : 4);
    const timeout = Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS);
    const known = open.get(set) ?? new Map<string, number>();
    const end = Date.now() + timeout * 1000;
    // Half a second later is no reason for another transaction.
    if ((known.get(address) ?? 0) >= end - 500) continue;
    known.set(address, end);
    open.set(set, known);
    const element = `inet ${table} ${set} { ${address} }`;
    // The time of an element that is there cannot be changed; one that may have run out cannot be deleted.
    commands.push(
      `add element ${element}\n`,
      `delete element ${element}\n`,
      `add element inet ${table} ${set} { ${address} timeout ${timeout}s }\n`,
    );
  }
  return commands.join("");
}

/** Take over counters and open addresses from a listing. */
export function readEgress(listing: unknown, state: EgressState): void {
  const now = Date.now();
  const chains = new Set(state.policies.map(chainName));
  for (const object of objectsOf(listing)) {
    if (isObject(object.rule)) readCounter(object.rule, state, chains);
    if (isObject(object.set)) readOpen(object.set, state, now);
  }
  forgetEgress(state);
}

/** What was of policies that are no more, and what has run out. */
export function forgetEgress(state: EgressState): void {
  const now = Date.now();
  const chains = new Set(state.policies.map(chainName));
  const sets = new Set(
    state.policies.flatMap((policy) =>
      policy.rules.flatMap((_, rule) => [setName(policy, rule, 4), setName(policy, rule, 6)]),
    ),
  );
  for (const name of state.open.keys()) if (!sets.has(name)) state.open.delete(name);
  for (const key of state.counters.keys()) if (!chains.has(key.split(" ")[0] ?? "")) state.counters.delete(key);
  for (const known of state.open.values()) for (const [address, end] of known) if (end <= now) known.delete(address);
}

function readCounter(rule: Record<string, unknown>, { counters }: EgressState, chains: Set<string>): void {
  const chain = String(rule.chain);
  if (!chains.has(chain) || !Array.isArray(rule.expr)) return;
  const counter = rule.expr.find((part) => isObject(part) && isObject(part.counter))?.counter;
  if (!isObject(counter)) return;
  const key = counterKey(chain, String(rule.comment));
  counters.set(key, { packets: Number(counter.packets), bytes: Number(counter.bytes) });
}

function readOpen(set: Record<string, unknown>, { open }: EgressState, now: number): void {
  const name = String(set.name);
  if (!name.startsWith("names_") || !Array.isArray(set.elem)) return;
  const known = open.get(name) ?? new Map<string, number>();
  for (const entry of set.elem) {
    const element = isObject(entry) && isObject(entry.elem) ? entry.elem : undefined;
    if (!element || known.has(String(element.val))) continue;
    known.set(String(element.val), now + Number(element.expires) * 1000);
  }
  open.set(name, known);
}

export function reportOf({ policies, open, counters }: EgressState): EgressReport[] {
  const now = Date.now();
  return policies.map((policy) => {
    const counted = (key: string) => counters.get(`${chainName(policy)} ${key}`) ?? { packets: 0, bytes: 0 };
    return {
      key: policy.key,
      rules: policy.rules.map((_, rule) => ({
        ...sum(counted(ruleKey(rule, 4)), counted(ruleKey(rule, 6))),
        open: ([4, 6] as const)
          .flatMap((family) => [...(open.get(setName(policy, rule, family)) ?? [])])
          .filter(([, end]) => end > now)
          .map(([address, end]) => ({ address, seconds: Math.ceil((end - now) / 1000) })),
      })),
      refused: counted(REFUSED),
    };
  });
}

function sum(a: Counter, b: Counter): Counter {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
