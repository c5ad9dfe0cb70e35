/** Volumes on disk: DATA_ROOT/volumes/NAME/_data. */
import { chmod, chown, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { conflict } from "../../engine/errors.ts";
import type { Launcher } from "../../engine/ports.ts";
import type { VolumeHost } from "../../engine/volumes/volume.ts";
import { parseMountInfo } from "../../kernel/proc-mountinfo.ts";
import { isErrno } from "../../lib/errno.ts";
import { copyUp } from "./copy-up.ts";
import { diskUse } from "./disk-use.ts";
import { mountVolume, unmountVolume } from "./mount.ts";

/** What is being deleted: the name cannot be a volume's. */
const DELETED = ".deleted-";

/** @param dataRoot its folder volumes is made (0711: paths of volumes are known to containers' users, not listable) */
export async function createVolumeHost(dataRoot: string, launcher: Pick<Launcher, "launch">): Promise<VolumeHost> {
  const root = join(dataRoot, "volumes");
  await mkdir(root, { recursive: true, mode: 0o701 });
  await finishDeletions(root);
  const directory = (name: string) => join(root, name, "_data");
  return {
    directory,
    names: async () =>
      (await readdir(root, { withFileTypes: true }))
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map((entry) => entry.name),
    async make(name, facts) {
      await mkdir(directory(name), { recursive: true, mode: 0o755 });
      if (!facts) return;
      await chown(directory(name), facts.uid, facts.gid);
      await chmod(directory(name), facts.mode); // after: chown(2) takes setuid and setgid away
    },
    remove: (name) => remove(root, name),
    isEmpty: async (name) => (await readdir(directory(name))).length === 0,
    size: (name) => diskUse(directory(name)),
    mount: async (name, options) => {
      if (!(await isMountpoint(directory(name)))) await mountVolume(directory(name), options);
    },
    unmount: async (name) => {
      if (await isMountpoint(directory(name))) await unmountVolume(directory(name));
    },
    copyUp: (name, layer, mountpoint, path) => copyUp(launcher, { layer, mountpoint, path, target: directory(name) }),
  };
}

/** Renamed first: a crash on the way leaves no half volume under its name. */
async function remove(root: string, name: string): Promise<void> {
  const path = join(root, name);
  // rm -r would empty what is mounted there, which is somebody's own directory.
  const mounts = (await mountpoints()).filter((mountpoint) => mountpoint === path || mountpoint.startsWith(`${path}/`));
  if (mounts.length > 0) throw conflict(`remove ${name}: ${mounts[0]} is still mounted`);
  const deleted = join(root, `${DELETED}${name}`);
  try {
    await rm(deleted, { recursive: true, force: true });
    await rename(path, deleted);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  await rm(deleted, { recursive: true, force: true });
}

async function finishDeletions(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith(DELETED)) await rm(join(root, name), { recursive: true, force: true });
  }
}

async function isMountpoint(path: string): Promise<boolean> {
  return (await mountpoints()).includes(path);
}

async function mountpoints(): Promise<string[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8")).map(({ mountpoint }) => mountpoint);
}
