/** Inside and outside: processes of a container, of the host's namespaces, of one PID. */
import type { MapAnswer, NamespaceRow, NamespacesAnswer, WhoisAnswer } from "../../wire/glass.ts";
import { NAMESPACES } from "../../wire/glass.ts";
import { hasProcess } from "../containers/live.ts";
import { EngineError, invalid, notFound } from "../errors.ts";
import { isolationOf, limitsOf } from "./isolation-of.ts";
import { ownerOf } from "./owner.ts";
import type { Observed } from "./ports.ts";
import { processView } from "./process-view.ts";
import { allTenants, type GlassDeps, type LookAround, lookAround } from "./surroundings.ts";

/**
 * Every process in the container's cgroup and below, whatever its namespaces are. Throws not-found.
 * @param around what is known of all processes
 * @param afresh reads one of the container's again, where that may be old
 */
export async function mapContainer(
  deps: GlassDeps,
  ref: string,
  around: () => Promise<LookAround> = () => lookAround(deps),
  afresh: (pid: number) => Promise<Observed | undefined> | undefined = () => undefined,
): Promise<MapAnswer> {
  const { record } = deps.store.find(ref);
  const about = { id: record.id, name: record.name, status: record.state.status };
  if (!hasProcess(record))
    return { ...about, reason: `container ${record.name} is not running: it has no processes`, processes: [] };
  const there = await around();
  const inside = there.seen.filter(({ cgroups }) =>
    cgroups.some(({ path }) => path === record.cgroupPath || path.startsWith(`${record.cgroupPath}/`)),
  );
  const current = await Promise.all(inside.map(async (process) => (await afresh(process.pid)) ?? process));
  const processes = current.sort((a, b) => a.pid - b.pid).map((process) => processView(process, there));
  if (processes.length > 0) return { ...about, processes };
  const reason = there.unreadable
    ? `${there.unreadable} processes could not be read in /proc`
    : "its processes ended just now";
  return { ...about, reason, processes };
}

/** Throws invalid for what is no PID, not-found when no such process runs. */
export async function whois(deps: GlassDeps, text: string): Promise<WhoisAnswer> {
  if (!/^\d{1,10}$/.test(text) || Number(text) === 0) throw invalid(`"${text}" is not a process id`);
  const pid = Number(text);
  const process = await readable(pid, deps.host.process(pid));
  if (process === undefined) throw notFound(`no process has the id ${pid}: it has ended, or never was`);
  const around = await lookAround(deps);
  const known = deps.store.all().map(({ record }) => record);
  const view = processView(process, around);
  const separate = view.namespaces.filter(({ host }) => !host).length;
  return {
    process: view,
    owner: ownerOf(process.cgroups, known, { separate }),
    isolation: isolationOf(view),
    limits: await limitsOf(deps.host, process),
  };
}

/** /proc may be mounted with hidepid, or a security module may be in the way. */
async function readable<T>(pid: number, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new EngineError("forbidden", `process ${pid} may not be read in /proc: ${code}`);
  }
}

/** Every namespace that a process is in, the host's first. */
export async function listNamespaces(deps: GlassDeps): Promise<NamespacesAnswer> {
  const around = await lookAround(deps);
  const { seen, unreadable, hostNamespaces } = around;
  const tenants = allTenants(around);
  const rows = new Map<string, NamespaceRow>();
  for (const { pid, command, namespaces } of seen.sort((a, b) => a.pid - b.pid)) {
    for (const kind of NAMESPACES) {
      const inode = namespaces[kind];
      if (inode === undefined) continue;
      const key = `${kind}:${inode}`;
      const row = rows.get(key);
      if (row) row.processes++;
      else {
        const owners = [...(tenants.get(key) ?? [])].sort();
        rows.set(key, {
          kind,
          inode,
          host: inode === hostNamespaces[kind],
          processes: 1,
          first: { pid, command },
          owners,
        });
      }
    }
  }
  const order = (row: NamespaceRow) => NAMESPACES.indexOf(row.kind) * 2 + (row.host ? 0 : 1);
  return {
    namespaces: [...rows.values()].sort((a, b) => order(a) - order(b) || a.first.pid - b.first.pid),
    unreadable,
  };
}
