/** Bridges, containers' interfaces and firewall elements of this engine. */
import type { Thing } from "../../engine/check/things.ts";
import { run } from "../net/run.ts";

/** @param bridges of this engine's networks; @param table of its firewall */
export async function networkThings(bridges: string[], table: string): Promise<Thing[]> {
  const links = await linksOf();
  const nameOf = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]));
  const things: Thing[] = [];
  for (const { ifname, master, linkinfo } of links) {
    const kind = linkinfo?.info_kind;
    if (kind === "bridge" && (bridges.includes(ifname) || /^br-[0-9a-f]{12}$/.test(ifname))) {
      // Docker names its bridges in the same way: one that no network of ours has may be another engine's.
      things.push({ kind: "interface", name: ifname, ours: false, claim: { type: "bridge", name: ifname } });
    } else if (
      kind === "veth" &&
      bridges.includes(typeof master === "number" ? (nameOf.get(master) ?? "") : (master ?? ""))
    ) {
      things.push({ kind: "interface", name: ifname, ours: true, claim: { type: "endpoint", name: ifname } });
    }
  }
  return [...things, ...(await firewallThings(table))];
}

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
  return [{ kind: "firewall", name: `table inet ${table}`, ours: true, claim: { type: "engine" } }, ...elements];
}

type Key = string | number | { concat?: (string | number)[] };
