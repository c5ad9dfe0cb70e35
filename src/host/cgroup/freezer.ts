import { setTimeout as delay } from "node:timers/promises";
import type { CgroupLayout } from "../../isolation/spec.ts";
import { isErrno } from "../../lib/errno.ts";
import { readIfThere, writeCommand } from "./files.ts";

/** A process in uninterruptible sleep freezes only when it wakes: then freezing is given up. */
const freezeTimeout = 10_000;

/**
 * Let a cgroup's processes run again, and wait until they do. One that is gone, or goes just now (ENODEV), has nobody who stands.
 * @throws Error when the host has no freezer
 */
export async function thaw(layout: CgroupLayout, path: string): Promise<void> {
  try {
    await setFrozen(layout, path, false);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
  }
}

/**
 * Freeze a cgroup, and wait until every process of it stands.
 * @throws Error when the host has no freezer, the cgroup is gone, or the processes did not freeze in 10 s (they are thawed again).
 */
export async function freeze(layout: CgroupLayout, path: string): Promise<void> {
  await setFrozen(layout, path, true);
}

async function setFrozen(layout: CgroupLayout, path: string, frozen: boolean): Promise<void> {
  const freezer = layout.version === "v1" ? freezerV1(layout, path) : freezerV2(layout, path);
  await freezer.set(frozen);
  const deadline = performance.now() + freezeTimeout;
  for (let pause = 1; (await freezer.isFrozen()) !== frozen; pause = Math.min(pause * 2, 50)) {
    if (performance.now() > deadline) {
      await freezer.set(false);
      throw new Error(`cgroup ${path} did not ${frozen ? "freeze" : "thaw"} in ${freezeTimeout / 1000} s`);
    }
    await delay(pause);
    // v1 leaves a process out that forks while it freezes the others; asking again catches it.
    if (freezer.askAgain) await freezer.set(frozen);
  }
}

type Freezer = { set(frozen: boolean): Promise<void>; isFrozen(): Promise<boolean>; askAgain: boolean };

function freezerV1(layout: Extract<CgroupLayout, { version: "v1" }>, path: string): Freezer {
  const hierarchy = layout.hierarchies.find(({ controllers }) => controllers.includes("freezer"));
  if (!hierarchy) throw new Error("the freezer cgroup controller is not mounted");
  const file = `${hierarchy.mountpoint}${path}/freezer.state`;
  return {
    set: (frozen) => writeCommand(file, frozen ? "FROZEN" : "THAWED"),
    // FREEZING stands between both; a cgroup that is gone is frozen by nobody.
    isFrozen: async () => (await readIfThere(file))?.trim() === "FROZEN",
    askAgain: true,
  };
}

function freezerV2({ mountpoint }: Extract<CgroupLayout, { version: "v2" }>, path: string): Freezer {
  const directory = mountpoint + path;
  return {
    set: (frozen) => writeCommand(`${directory}/cgroup.freeze`, frozen ? "1" : "0"),
    isFrozen: async () => /^frozen 1$/m.test((await readIfThere(`${directory}/cgroup.events`)) ?? ""),
    askAgain: false,
  };
}
