/** Our nft table: written whole when networks change, by elements when ports do, and watched. */
import type { Firewall, FirewallNetwork, PublishRule } from "../../engine/networks/host-network.ts";
import { countRuleset, elementCommands, fullRuleset } from "./ruleset.ts";
import { run } from "./run.ts";

/** Rules that somebody flushed are back within this time and the next. */
const WATCH_MS = 2500;

/**
 * @param table name of the table, of its own for every engine
 * @param onTrouble told of a failed check and of rules that had to be restored
 */
export function createFirewall(table: string, onTrouble: (message: string) => void): Firewall {
  let networks: FirewallNetwork[] = [];
  const published = new Map<string, PublishRule>();
  let written = false;
  // One transaction at a time, in order: a check must not see half of a change.
  let queue: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };
  const write = async () => {
    await run("nft", ["-f", "-"], fullRuleset(table, networks, [...published.values()]));
    written = true;
  };
  const change = async (action: "add" | "delete", rules: PublishRule[]) => {
    const commands = elementCommands(action, table, rules);
    if (commands === "") return;
    // A transaction is refused as a whole when the table or an element is not there: then all is written.
    await run("nft", ["-f", "-"], commands).catch(write);
  };
  const check = async () => {
    if (!written || (await isIntact(table, countRuleset(networks, [...published.values()])))) return;
    await write();
    onTrouble(`the rules of table inet ${table} were changed by another program; they are restored`);
  };
  const timer = setInterval(() => void inOrder(check).catch((error: Error) => onTrouble(error.message)), WATCH_MS);
  timer.unref();

  return {
    setNetworks: (next) =>
      inOrder(async () => {
        networks = next;
        await write();
      }),
    publish: (rules) =>
      inOrder(async () => {
        const fresh = rules.filter((rule) => !published.has(keyOf(rule)));
        for (const rule of fresh) published.set(keyOf(rule), rule);
        await change("add", fresh);
      }),
    unpublish: (rules) =>
      inOrder(async () => {
        const gone = rules.filter((rule) => published.delete(keyOf(rule)));
        await change("delete", gone);
      }),
    async close({ remove }) {
      clearInterval(timer);
      await inOrder(async () => {
        written = false;
        if (remove) await run("nft", ["-f", "-"], `table inet ${table} {}\ndelete table inet ${table}\n`);
      });
    },
  };
}

function keyOf(rule: PublishRule): string {
  return `${rule.proto} ${rule.hostIp} ${rule.hostPort}`;
}

async function isIntact(table: string, wanted: Map<string, number>): Promise<boolean> {
  let listing: unknown;
  try {
    listing = JSON.parse(await run("nft", ["-j", "list", "table", "inet", table]));
  } catch {
    return false;
  }
  const found = countListing(listing);
  return [...wanted].every(([name, count]) => found.get(name) === count);
}

/** Rules by chain and elements by set or map, from libnftables-json(5). */
function countListing(listing: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  const objects = isObject(listing) && Array.isArray(listing.nftables) ? listing.nftables : [];
  for (const object of objects) {
    if (!isObject(object)) continue;
    const set = object.set ?? object.map;
    if (isObject(set)) counts.set(String(set.name), Array.isArray(set.elem) ? set.elem.length : 0);
    if (isObject(object.chain)) counts.set(String(object.chain.name), counts.get(String(object.chain.name)) ?? 0);
    if (isObject(object.rule)) {
      const chain = String(object.rule.chain);
      counts.set(chain, (counts.get(chain) ?? 0) + 1);
    }
  }
  return counts;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
