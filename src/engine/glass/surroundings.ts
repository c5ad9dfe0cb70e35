import { NAMESPACES } from "../../wire/glass.ts";
import type { ContainerStore } from "../containers/container.ts";
import { ownerOf, ownerText } from "./owner.ts";
import type { GlassHost, Observed } from "./ports.ts";
import type { Surroundings } from "./process-view.ts";

export type GlassDeps = { host: GlassHost; store: Pick<ContainerStore, "all" | "find"> };

/** All processes of the host at one moment, and who lives in which namespace. */
export async function lookAround({
  host,
  store,
}: GlassDeps): Promise<Surroundings & { seen: Observed[]; unreadable: number }> {
  const [{ seen, unreadable }, hostNamespaces] = await Promise.all([host.processes(), host.hostNamespaces()]);
  const known = store.all().map(({ record }) => record);
  const byPid = new Map(seen.map((process) => [process.pid, process]));
  const separate = (process: Observed) => separateNamespaces(process, hostNamespaces);
  const texts = new Map(
    seen.map((process) => [process.pid, ownerText(ownerOf(process.cgroups, known, { separate: separate(process) }))]),
  );
  const tenants = new Map<string, Set<string>>();
  for (const process of seen) {
    for (const kind of NAMESPACES) {
      const key = `${kind}:${process.namespaces[kind]}`;
      const there = tenants.get(key) ?? new Set();
      tenants.set(key, there.add(texts.get(process.pid) ?? "unknown"));
    }
  }
  return { seen, unreadable, hostNamespaces, byPid, tenants, ownerText: ({ pid }) => texts.get(pid) ?? "unknown" };
}

/** How many of its namespaces are not the host's. */
export function separateNamespaces({ namespaces }: Observed, hostNamespaces: Surroundings["hostNamespaces"]): number {
  return NAMESPACES.filter((kind) => namespaces[kind] !== undefined && namespaces[kind] !== hostNamespaces[kind])
    .length;
}
