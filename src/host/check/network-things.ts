/** Bridges, containers' interfaces and firewall elements of this engine. */
import type { Thing } from "../../engine/check/things.ts";
import { run } from "../net/run.ts";

/** @param own bridges and made parents of this engine's networks; @param table of its firewall */
export async function networkThings(own: string[], table: string): Promise<Thing[]> {
  const links = await linksOf();
  const nameOf = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]));
  const things: Thing[] = [];
  for (const { ifname, master, linkinfo } of links) {
    const kind = linkinfo?.info_kind ?? "";
    const above = typeof master === "number" ? nameOf.get(master) : master;
    if (own.includes(ifname) || (NETWORK_KINDS.has(kind) && DOCKER_NAME.test(ifname))) {
      things.push({ kind: "interface", name: ifname, ours: false, claim: { type: "link", name: ifname } });
    } else if (kind === "veth" && above !== undefined && own.includes(above)) {
      things.push({ kind: "interface", name: ifname, ours: true, claim: { type: "endpoint", name: ifname } });
    }
  }
  return [...things, ...(await firewallThings(table))];
}

/** Docker names bridges and parents in the same way: one that no network of ours has may be another engine's. */
const DOCKER_NAME = /^(br|dm)-[0-9a-f]{12}$/;
const NETWORK_KINDS = new Set(["bridge", "dummy", "ifb"]);

type Link = { ifindex: number; ifname: string; master?: string | number; linkinfo?: { info_kind?: string } };

async function linksOf(): Promise<Link[]> {
  return (JSON.parse(await run("ip", ["-json", "-details", "link", "show"])) as Link[]).filter(({ ifname }) => ifname);
}

/** Elements of the maps of published ports, from libnftables-json(5): the key's first part is the protocol, its last the port. */
async function firewallThings(table: string): Promise<Thing[]> {
  const listing = await run("nft", ["-j", "list", "table", "inet", table]).catch(() => undefined);
  if (listing === undefined) return [];
  const objects = (JSON.parse(listing) as { nftables: { map?: { name: string; elem?: [Key, unknown][] } }[] }).nftables;
  const elements = objects.flatMap(({ map }) =>
    (map?.name.startsWith("publish") ? (map.elem ?? []) : []).map(([key]): Thing => {
      const parts = typeof key === "object" ? (key.concat ?? []) : [key];
      return {
        kind: "firewall",
        name: `${table} ${map?.name} ${parts.join(" . ")}`,
        ours: true,
        claim: { type: "port", proto: String(parts[0]), port: Number(parts.at(-1)) },
      };
    }),
  );
  const guard = await run("nft", ["list", "table", "bridge", table]).catch(() => undefined);
  const families = ["inet", ...(guard === undefined ? [] : ["bridge"])];
  const tables = families.map(
    (family): Thing => ({ kind: "firewall", name: `table ${family} ${table}`, ours: true, claim: { type: "engine" } }),
  );
  return [...tables, ...elements];
}

type Key = string | number | { concat?: (string | number)[] };
