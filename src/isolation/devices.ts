/** /dev: the nodes and links that every program expects, and the devices that were asked for. */
import { dirname } from "node:path/posix";
import { defaultDevices, defaultDevLinks } from "./defaults.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import type { DeviceNode, IsolationSpec } from "./spec.ts";

const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;

/** Stage container, after /dev is mounted. */
export function deviceOps({ devices, namespaces }: Pick<IsolationSpec, "devices" | "namespaces">): PlannedOp[] {
  // One node a path: what was asked for last stands.
  const nodes = [...new Map([...defaultDevices, ...devices].map((device) => [device.path, device])).values()];
  const reserved = new Set(defaultDevLinks.map((link) => link.path));
  // /dev/ptmx and the standard streams lead to the container's own, also when all of the host's devices are given.
  const wanted = nodes.filter((device) => !reserved.has(device.path) && device.path !== "/dev/console");
  const folders = new Set(wanted.flatMap((device) => foldersOf(device.path)));
  return planned(
    "container",
    "devices",
    ...[...folders].map((path): Op => ({ op: "mkdir", path, mode: 0o755, uid: 0, gid: 0 })),
    ...wanted.map((device) => (namespaces.user ? bindNode(device) : makeNode(device))),
    ...defaultDevLinks.map((link): Op => ({ op: "symlink", ...link })),
  );
}

/** /dev/bus/usb/001 needs /dev/bus and /dev/bus/usb, in this order. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== "/dev" && folder !== "/"; folder = dirname(folder))
    folders.unshift(folder);
  return folders;
}

function makeNode({ path, type, major, minor, mode, uid, gid }: DeviceNode): Op {
  const kind = type === "b" ? S_IFBLK : S_IFCHR;
  return { op: "mknod", path, mode: kind | mode, major, minor, uid, gid };
}

/** In a user namespace mknod(2) is refused whatever the capabilities: the host's node of that name is bound. */
function bindNode({ path }: DeviceNode): Op {
  return {
    op: "bind",
    source: path,
    subpath: "",
    target: path,
    recursive: false,
    attrSet: 0,
    attrClear: 0,
    attrRecursive: false,
    propagation: 0,
    create: "file",
  };
}
