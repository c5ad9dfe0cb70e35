/** Device nodes of the host. */
import type { Stats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { HostDevices } from "../../engine/containers/deps.ts";
import type { DeviceNode } from "../../isolation/spec.ts";
import { isErrno } from "../../lib/errno.ts";

/** @param root where the host's nodes are */
export function hostDevices(root = "/dev"): HostDevices {
  return {
    async at(path) {
      const found = await ifThere(stat(path));
      if (!found) return undefined;
      if (found.isDirectory()) return below(path);
      const node = deviceNode(path, found);
      return node ? [node] : [];
    },
    all: () => below(root),
  };
}

/** Parts of /dev that every container has of its own (or that are no devices). */
const OWN = new Set(["pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev"]);

async function below(directory: string): Promise<DeviceNode[]> {
  const entries = (await ifThere(readdir(directory, { withFileTypes: true }))) ?? [];
  const nodes = await Promise.all(
    entries
      .filter((entry) => !OWN.has(entry.name))
      .map(async (entry) => {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) return below(path);
        if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
        const found = await ifThere(lstat(path));
        return (found && deviceNode(path, found)) ?? [];
      }),
  );
  return nodes.flat();
}

function deviceNode(path: string, { rdev, mode, uid, gid }: Stats): DeviceNode | undefined {
  const type = (mode & S_IFMT) === S_IFBLK ? "b" : (mode & S_IFMT) === S_IFCHR ? "c" : undefined;
  return type && { path, type, ...numbers(rdev), mode: mode & 0o7777, uid, gid };
}

const S_IFMT = 0o170000;
const S_IFBLK = 0o060000;
const S_IFCHR = 0o020000;

/** makedev(3): the kernel's 12 bits of major lie between the low and the high bits of minor. */
function numbers(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

/** Nodes come and go while we look. */
async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
