/** Make the parents of a container's cgroup such that the container's limits can be set: what no single plan should do. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { isErrno } from "../../lib/errno.ts";
import { exists, writeCommand } from "./files.ts";

/**
 * Ready the ancestors of a cgroup, from the hierarchy's mount point down: on v2 every controller is passed on to children, on
 * v1 cpuset's CPUs and memory nodes, without which no process can join.
 *
 * Every start asks, and mostly all is done already. Looking is synchronous: a few reads of kernel memory take 0.1 ms, as
 * many trips through the thread pool took 3 to 7 ms. Nothing is remembered, so a parent that somebody removes is no surprise.
 *
 * @param path of the container's cgroup, which is not made itself.
 */
export async function prepareParents(layout: CgroupLayout, path: string): Promise<void> {
  const parents = ancestorsOf(path);
  if (layout.version === "v2") return enableControllers(layout, parents);
  const cpuset = layout.hierarchies.find(({ controllers }) => controllers.includes("cpuset"));
  if (cpuset) await inheritCpuset(cpuset.mountpoint, parents);
}

/** "/a/b/c" -> "", "/a", "/a/b" */
function ancestorsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

async function enableControllers(
  { mountpoint, controllers }: Extract<CgroupLayout, { version: "v2" }>,
  parents: string[],
): Promise<void> {
  for (const parent of parents) {
    const directory = mountpoint + parent;
    const enabled = readMaking(directory, "cgroup.subtree_control").split(" ");
    const missing = controllers.filter((name) => !enabled.includes(name));
    if (missing.length > 0) await enable(directory, missing, parent === "");
  }
}

async function enable(directory: string, controllers: string[], isTop: boolean): Promise<void> {
  const file = `${directory}/cgroup.subtree_control`;
  const command = controllers.map((name) => `+${name}`).join(" ");
  try {
    await writeCommand(file, command);
  } catch (error) {
    // Only the true root may hold processes and pass controllers on. The top of a cgroup namespace is another cgroup's
    // child (it has cgroup.type), with us and whoever started us in it.
    if (!isErrno(error, "EBUSY") || !isTop || !(await exists(`${directory}/cgroup.type`))) throw error;
    await moveProcesses(directory, `${directory}/init`);
    await writeCommand(file, command);
  }
}

/** Processes that end meanwhile are no loss; those that are born meanwhile are met in the next round. */
async function moveProcesses(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (let round = 0; round < 10; round++) {
    const pids = (await readFile(`${from}/cgroup.procs`, "utf8")).split("\n").filter((pid) => pid !== "");
    if (pids.length === 0) return;
    for (const pid of pids) {
      await writeCommand(`${to}/cgroup.procs`, pid).catch((error: unknown) => {
        if (!isErrno(error, "ESRCH")) throw error;
      });
    }
  }
}

async function inheritCpuset(mountpoint: string, parents: string[]): Promise<void> {
  for (const [index, parent] of parents.entries()) {
    const above = parents[index - 1];
    if (above === undefined) continue;
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (readMaking(mountpoint + parent, file) === "")
        await writeCommand(`${mountpoint + parent}/${file}`, await readFile(`${mountpoint + above}/${file}`, "utf8"));
    }
  }
  // The launcher's mkdir then makes the container's own cgroup with its parent's values.
  const clone = `${mountpoint}${parents.at(-1)}/cgroup.clone_children`;
  if (existsSync(clone) && readFileSync(clone, "utf8").trim() === "0") await writeCommand(clone, "1");
}

/** The text of a cgroup's file; the cgroup is made if it is missing. */
function readMaking(directory: string, file: string): string {
  const path = `${directory}/${file}`;
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    mkdirSync(directory, { recursive: true });
    return readFileSync(path, "utf8").trim();
  }
}
