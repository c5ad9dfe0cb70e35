/** Mounts that the user asked for: binds and tmpfs. */
import { defaultTmpfsOptions } from "./defaults.ts";
import { bindAttributes, mountOptions, propagationFlag } from "./mount-options.ts";
import type { Op } from "./plan.ts";
import type { IsolationSpec, MountSpec } from "./spec.ts";

type BindOp = Extract<Op, { op: "bind" }>;

/** Shallow targets first, so that no mount is hidden by a later one above it; equals keep their order. */
export function byDepth(mounts: readonly MountSpec[]): MountSpec[] {
  return [...mounts].sort((a, b) => depth(a.target) - depth(b.target));
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/**
 * Binds that the parent makes for a container whose files are id-mapped: it reaches every source. Not those that lie on what
 * is mounted later, by the child.
 */
export function earlyBinds({ namespaces, mounts }: Pick<IsolationSpec, "namespaces" | "mounts">): MountSpec[] {
  if (!namespaces.user?.idMapped) return [];
  const later = ["/proc", "/sys", "/dev", ...mounts.flatMap(({ type, target }) => (type === "tmpfs" ? target : []))];
  const covered = (path: string) => later.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return byDepth(mounts.filter(({ type, target }) => type === "bind" && !covered(target)));
}

export function userMountOp(mount: MountSpec): Op {
  return mount.type === "tmpfs" ? tmpfsOp(mount) : bindOp(mount);
}

function tmpfsOp({ target, options }: Extract<MountSpec, { type: "tmpfs" }>): Op {
  return {
    op: "mount",
    source: "tmpfs",
    target,
    type: "tmpfs",
    ...mountOptions([...defaultTmpfsOptions, ...options]),
    create: true,
    optional: false,
  };
}

function bindOp(mount: Extract<MountSpec, { type: "bind" }>): BindOp {
  const options = [...(mount.options ?? []), ...(mount.readonly ? ["ro"] : [])];
  const { set, clear } = bindAttributes(options);
  return {
    op: "bind",
    source: mount.source,
    subpath: mount.subpath ?? "",
    target: mount.target,
    recursive: mount.recursive,
    attrSet: set,
    attrClear: clear,
    // mount_setattr(2) has AT_RECURSIVE since Linux 5.12, which this engine needs anyway: "if-possible" always is.
    attrRecursive: mount.recursive && mount.readonly && mount.recursiveReadonly !== "no",
    propagation: propagationFlag(mount.propagation),
    create: mount.sourceKind,
  };
}

/** A host directory as it is, private, with what lies below it. @param options attributes such as "ro" */
export function bindTree(source: string, target: string, options: string[] = []): BindOp {
  return bindOp({
    type: "bind",
    source,
    target,
    readonly: options.includes("ro"),
    recursive: true,
    recursiveReadonly: "if-possible",
    propagation: "rprivate",
    sourceKind: "dir",
    options,
  });
}
