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
  const owners = new Map<Observed, Owner>();
  return surroundings(processes, hostNamespaces, (process) => {
    const owner = owners.get(process) ?? ownerIn(process, known, hostNamespaces);
    owners.set(process, owner);
    return owner;
  });
}

/** Worked out when it is asked for. Pure. */
export function surroundings(
  { seen, unreadable }: { seen: Observed[]; unreadable: number },
  hostNamespaces: Surroundings["hostNamespaces"],
  owner: (process: Observed) => Owner,
): LookAround {
  const textOf = (process: Observed) => ownerText(owner(process));
  const tenants = new Map<string, ReadonlySet<string>>();
  let byPid: Surroundings["byPid"] | undefined;
  return {
    seen,
    unreadable,
    hostNamespaces,
    get byPid() {
      byPid ??= new Map(seen.map((process) => [process.pid, process]));
      return byPid;
    },
    // A container has few namespaces: to look all processes through for each is less than to sort them all into all namespaces.
    tenants(kind, inode) {
      const key = `${kind}:${inode}`;
      const known = tenants.get(key);
      if (known) return known;
      const found = new Set(seen.filter(({ namespaces }) => namespaces[kind] === inode).map(textOf));
      tenants.set(key, found);
      return found;
    },
    ownerText: textOf,
  };
}

/** "kind:inode" -> who has a process in it, as texts; of all namespaces. */
export function allTenants({ seen, ownerText: textOf }: LookAround): Map<string, Set<string>> {
  const tenants = new Map<string, Set<string>>();
  for (const process of seen) {
    const text = textOf(process);
    for (const kind of NAMESPACES) {
      const key = `${kind}:${process.namespaces[kind]}`;
      const there = tenants.get(key);
      if (there) there.add(text);
      else tenants.set(key, new Set([text]));
    }
  }
  return tenants;
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
