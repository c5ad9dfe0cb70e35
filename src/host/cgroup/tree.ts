/** A cgroup and what a container made below it. */

import { readdir, rmdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isErrno } from "../../lib/errno.ts";
import { readIfThere } from "./files.ts";

/** How long a killed process may take to leave its cgroup. */
const leaveTimeout = 2_000;

/** @returns the directory and all below it, parents first; none if it is not there. */
export async function cgroupTree(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const children = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${directory}/${name}`);
    return [directory, ...(await Promise.all(children.map(cgroupTree))).flat()];
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

/**
 * @param leftOut name of a cgroup right below whose processes do not count
 * @returns host PIDs of a tree, each once.
 */
export async function processesIn(directory: string, leftOut: string): Promise<number[]> {
  const tree = (await cgroupTree(directory)).filter((path) => path !== `${directory}/${leftOut}`);
  const texts = await Promise.all(tree.map((path) => readIfThere(`${path}/cgroup.procs`)));
  const pids = texts.flatMap((text) => (text ?? "").split("\n").filter((line) => line !== ""));
  return [...new Set(pids.map(Number))].sort((a, b) => a - b);
}

/**
 * Remove a tree, children first.
 * @throws Error with code EBUSY when processes are still in it after 2 s; they are not killed here.
 */
export async function removeTree(directory: string): Promise<void> {
  const deadline = performance.now() + leaveTimeout;
  for (;;) {
    try {
      for (const path of (await cgroupTree(directory)).toReversed()) await rmdir(path);
      return;
    } catch (error) {
      if (isErrno(error, "ENOENT")) continue;
      if (!isErrno(error, "EBUSY") || performance.now() > deadline) throw error;
      await delay(20);
    }
  }
}
