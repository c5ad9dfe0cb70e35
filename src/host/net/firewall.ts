/** Our nft table: written whole when networks change, by elements when ports do, and watched. */
import type { Firewall, FirewallNetwork, PublishRule } from "../../engine/networks/host-network.ts";
import { isObject } from "../../lib/is-object.ts";
import { forgetEgress, openCommands, readEgress, reportOf } from "./egress-live.ts";
import { countGuard, type EgressState, guardRuleset } from "./egress-ruleset.ts";
import { objectsOf } from "./nft-listing.ts";
import { countRuleset, elementCommands, fullRuleset } from "./ruleset.ts";
import { run } from "./run.ts";
import { watchNft } from "./watch-nft.ts";

/** A program that changes rules all the time does not make us look more often. */
const PAUSE_MS = 500;
/** Where changes are not told, and while egress policies count: what they counted since the last look goes with a flush. */
const LOOK_MS = 2500;
/** So many of our own transactions are known again when they are told: more than can be under way. */
const OWN = 64;

/**
 * @param table name of the table, of its own for every engine
 * @param launcher path of the launcher, which watches the rules
 * @param onTrouble told of a failed check and of rules that had to be restored
 */
export function createFirewall(
  { table, launcher }: { table: string; launcher: string },
  onTrouble: (message: string) => void,
): Firewall {
  let networks: FirewallNetwork[] = [];
  const published = new Map<string, PublishRule>();
  const egress: EgressState = { policies: [], open: new Map(), counters: new Map() };
  let written = false;
  const own: number[] = [];
  const apply = (commands: string) =>
    run("nft", ["-f", "-"], commands, (pid) => {
      if (own.push(pid) > OWN) own.shift();
    });
  let guarded: boolean | undefined;
  // One transaction at a time, in order: a check must not see half of a change.
  let queue: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  };
  const model = () => ({ networks, published: [...published.values()], egress });
  const write = async () => {
    const needsGuard = egress.policies.some(({ sources }) => sources.length > 0);
    // An engine before this one, that was killed, may have left a guard. Kernels without family bridge refuse to hear of it.
    guarded ??= (await list(table, "bridge")) !== undefined;
    const guard = needsGuard || guarded ? guardRuleset(table, egress.policies) : "";
    await apply(fullRuleset(table, model()) + guard);
    written = true;
    guarded = needsGuard;
  };
  /** Before a write: the kernel has counted on. */
  const remember = async () => {
    if (egress.policies.length > 0) readEgress(await list(table), egress);
  };
  const change = async (action: "add" | "delete", rules: PublishRule[]) => {
    const commands = elementCommands(action, table, rules);
    if (commands === "") return;
    // A transaction is refused as a whole when the table or an element is not there: then all is written.
    await apply(commands).catch(write);
  };
  const check = async () => {
    if (!written) return;
    const listing = await list(table);
    const guard = guarded ? await list(table, "bridge") : undefined;
    if (isIntact(listing, countRuleset(model())) && (!guarded || isIntact(guard, countGuard(egress.policies))))
      return readEgress(listing, egress);
    await write();
    onTrouble(`the rules of table inet ${table} were changed by another program; they are restored`);
  };
  const look = () => inOrder(check).catch((error: Error) => onTrouble(error.message));
  const lookSoon = notTooOften(look);
  let told = true;
  const watch = watchNft(launcher, {
    changed(pid) {
      if (!own.includes(pid)) lookSoon();
    },
    lost(reason) {
      told = false;
      onTrouble(`changes of the firewall's rules are not told (${reason}); they are looked at every ${LOOK_MS} ms`);
    },
  });
  const timer = setInterval(() => {
    if (!told || egress.policies.length > 0) void look();
  }, LOOK_MS);
  timer.unref();

  return {
    setNetworks: (next, policies) =>
      inOrder(async () => {
        const before = { networks, policies: egress.policies };
        networks = next;
        egress.policies = policies;
        try {
          // Also what an engine before this one has left, whose containers have gone on.
          await remember();
          forgetEgress(egress);
          await write();
        } catch (error) {
          networks = before.networks;
          egress.policies = before.policies;
          throw error;
        }
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
    open: (key, rule, addresses) =>
      inOrder(async () => {
        const commands = openCommands(table, egress, { key, rule, addresses });
        if (commands !== "") await apply(commands).catch(write);
      }),
    reportEgress: () =>
      inOrder(async () => {
        await remember();
        return reportOf(egress);
      }),
    async close({ remove }) {
      clearInterval(timer);
      watch.close();
      await inOrder(async () => {
        written = false;
        if (!remove) return;
        const guard = guarded ? `table bridge ${table} {}\ndelete table bridge ${table}\n` : "";
        await apply(`table inet ${table} {}\ndelete table inet ${table}\n${guard}`);
      });
    },
  };
}

/** At once, but after a time of PAUSE_MS; what is asked for in the meantime is done once, after it. */
function notTooOften(work: () => Promise<unknown>): () => void {
  let busy = false;
  let again = false;
  return function ask() {
    again = busy;
    if (busy) return;
    busy = true;
    const rest = () => {
      busy = false;
      if (again) ask();
    };
    void work().then(() => setTimeout(rest, PAUSE_MS).unref());
  };
}

function keyOf(rule: PublishRule): string {
  const own = rule.routed ? `${rule.target} ${rule.containerPort}` : rule.hostPort;
  return `${rule.proto} ${rule.hostIp} ${own}`;
}

async function list(table: string, family: "inet" | "bridge" = "inet"): Promise<unknown> {
  try {
    return JSON.parse(await run("nft", ["-j", "list", "table", family, table]));
  } catch {
    return undefined; // it is not there
  }
}

function isIntact(listing: unknown, wanted: Map<string, number>): boolean {
  const found = countListing(listing);
  return [...wanted].every(([name, count]) => found.get(name) === count);
}

/** Rules by chain and elements by set or map, from libnftables-json(5). */
function countListing(listing: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const object of objectsOf(listing)) {
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
