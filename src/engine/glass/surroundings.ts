import { NAMESPACES, type Owner } from "../../wire/glass.ts";
import type { ContainerStore } from "../containers/container.ts";
import { ownerOf, ownerText } from "./owner.ts";
import type { GlassHost, Observed } from "./ports.ts";
import type { Surroundings } from "./process-view.ts";

export type GlassDeps = { host: GlassHost; store: Pick<ContainerStore, "all" | "find"> };

export type LookAround = Surroundings & { seen: Observed[]; unreadable: number };

/** All processes of the host at one moment, and who lives in which namespace. */
export async function lookAround({ host, store }: GlassDeps): Promise<LookAround> {
  const [processes, hostNamespaces] = await Promise.all([host.processes(), host.hostNamespaces()]);
  const known = store.all().map(({ record }) => record);
  return surroundings(processes, hostNamespaces, (process) => ownerIn(process, known, hostNamespaces));
}

/** Pure. */
export function surroundings(
  { seen, unreadable }: { seen: Observed[]; unreadable: number },
  hostNamespaces: Surroundings["hostNamespaces"],
  owner: (process: Observed) => Owner,
): LookAround {
  const texts = new Map(seen.map((process) => [process.pid, ownerText(owner(process))]));
  const tenants = new Map<string, Set<string>>();
  for (const process of seen) {
    const text = texts.get(process.pid) ?? "unknown";
    for (const kind of NAMESPACES) {
      const key = `${kind}:${process.namespaces[kind]}`;
      const there = tenants.get(key);
      if (there) there.add(text);
      else tenants.set(key, new Set([text]));
    }
  }
  return {
    seen,
    unreadable,
    hostNamespaces,
    byPid: new Map(seen.map((process) => [process.pid, process])),
    tenants,
    ownerText: ({ pid }) => texts.get(pid) ?? "unknown",
  };
}

export function ownerIn(
  process: Observed,
  known: Parameters<typeof ownerOf>[1],
  hostNamespaces: Surroundings["hostNamespaces"],
): Owner {
  return ownerOf(process.cgroups, known, { separate: separateNamespaces(process, hostNamespaces) });
}

/** How many of its namespaces are not the host's. */
function separateNamespaces({ namespaces }: Observed, hostNamespaces: Surroundings["hostNamespaces"]): number {
  return NAMESPACES.filter((kind) => namespaces[kind] !== undefined && namespaces[kind] !== hostNamespaces[kind])
    .length;
}
