/** Monitors and launchers that run on the host, by what they call themselves, and whose they are. */
import { readdir, readFile, readlink } from "node:fs/promises";
import type { Thing } from "../../engine/check/things.ts";

/** __SO_ACCEPTCON as /proc/net/unix shows it: somebody listens. */
const LISTENS = "00010000";

/**
 * A monitor is known by the socket that it listens on, below the exec root of its engine; one of an exec, which has
 * none, by the cgroup of its child.
 */
export async function processThings(execRoot: string): Promise<Thing[]> {
  const sockets = await listeningSockets(`${execRoot}/s/`);
  const found = await Promise.all(
    (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map((pid) => look(Number(pid), sockets)),
  );
  return found.filter((thing) => thing !== undefined);
}

async function look(pid: number, sockets: Map<string, string>): Promise<Thing | undefined> {
  const words = (await readIfThere(`/proc/${pid}/cmdline`)).split("\0");
  const [title = ""] = words;
  if (!/^cloche:(monitor|launcher)/.test(title)) return undefined;
  const parent = Number(/^PPid:\s*(\d+)/m.exec(await readIfThere(`/proc/${pid}/status`))?.[1]);
  const name = `${pid} ${title}`;
  if (title.startsWith("cloche:launcher")) {
    const ours = parent === process.pid;
    return { kind: "process", name, ours, claim: ours ? { type: "engine" } : { type: "none" } };
  }
  const id = (await socketOf(pid, sockets)) ?? (await containerOfChild(pid));
  if (id === undefined) return { kind: "process", name, ours: false, claim: { type: "none" } };
  // By its socket it is certainly ours; by a cgroup's name only if we know that container.
  const ours = id.length === 32;
  return { kind: "process", name: `${name} of ${id}`, ours, claim: { type: "run", id } };
}

/** inode -> name of the socket */
async function listeningSockets(directory: string): Promise<Map<string, string>> {
  const sockets = new Map<string, string>();
  for (const line of (await readIfThere("/proc/net/unix")).split("\n")) {
    const [, , , flags, , , inode, path] = line.trim().split(/\s+/);
    if (flags === LISTENS && inode && path?.startsWith(directory)) sockets.set(inode, path.slice(directory.length));
  }
  return sockets;
}

async function socketOf(pid: number, sockets: Map<string, string>): Promise<string | undefined> {
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
    const name = sockets.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
    if (name !== undefined) return name;
  }
  return undefined;
}

async function containerOfChild(pid: number): Promise<string | undefined> {
  const [child] = (await readIfThere(`/proc/${pid}/task/${pid}/children`)).split(" ");
  if (!child) return undefined;
  return /\/(?:docker-)?([0-9a-f]{64})\b/.exec(await readIfThere(`/proc/${child}/cgroup`))?.[1];
}

/** It may have ended while we look. */
async function readIfThere(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
