/** The root file system: an overlay over the image's layers, entered with pivot_root(2), perhaps read-only. */
import { MS_PRIVATE, MS_RDONLY, MS_REC, MS_SLAVE } from "../kernel/mount-flags.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";
import type { IsolationSpec, MountSpec, Namespaces, OverlayRootfs, RootfsSpec } from "./spec.ts";

type Rooted = Pick<IsolationSpec, "rootfs" | "mounts"> & { namespaces?: Pick<Namespaces, "user"> };

/** Stage container: cut the mounts loose from the host's, mount the root, open it. */
export function rootfsOps(spec: Rooted): PlannedOp[] {
  // The parent has made them; only the descriptor is the child's own.
  if (spec.namespaces?.user?.idMapped) return planned("container", "rootfs", { op: "open_root", path: rootOf(spec) });
  return planned("container", "rootfs", ...rootOps(spec));
}

const rootOf = ({ rootfs }: Rooted) => (rootfs.source.type === "overlay" ? rootfs.mountpoint : rootfs.source.path);

/** Stage container, before anything is mounted in the root: mount(8) of old and df(1) read /etc/mtab. What an image has stays. */
export function mtabOps(): PlannedOp[] {
  return planned(
    "container",
    "rootfs",
    { op: "mkdir", path: "/etc", mode: 0o755, uid: 0, gid: 0 },
    { op: "symlink", target: "/proc/mounts", path: "/etc/mtab" },
  );
}

/** The same in either stage. */
export function rootOps(spec: Rooted): Op[] {
  const { rootfs, mounts, namespaces } = spec;
  const { source, mountpoint } = rootfs;
  const path = rootOf(spec);
  // First of all mounts, or ours would show on the host.
  const ops: Op[] = [mounts.some(isShared) ? withSharing(path) : withoutSharing];
  const mapped = namespaces?.user?.idMapped;
  if (mapped) ops.push({ op: "id_map_mount", path: mapped });
  if (source.type === "overlay") {
    ops.push({
      op: "mount_overlay",
      base: source.base,
      target: mountpoint,
      data: overlayData(source),
      flags: 0,
    });
  }
  // Before the root is opened: they have host paths, and only the container's mount namespace sees them.
  ops.push(...mounts.flatMap(layersOp));
  ops.push({ op: "open_root", path });
  return ops;
}

function layersOp(mount: MountSpec): Op[] {
  if (mount.type !== "bind" || !mount.layers) return [];
  const { base, lowers } = mount.layers;
  const data = [`lowerdir=${lowers.map(escapeLayer).join(":")}`, ...overlayFeatures].join(",");
  return [{ op: "mount_overlay", base, target: mount.source, data, flags: MS_RDONLY }];
}

/** A slave's mounts do not show on the host, the host's later ones still come in. */
const withoutSharing: Op = { op: "propagation", path: "/", flags: MS_SLAVE | MS_REC };

/**
 * A bind whose mounts shall show on the host must be a copy of a mount that is still the host's peer: so only the mount on
 * which the root is laid is cut loose. A source on that same mount cannot be shared; keep the execution root on another one.
 */
function withSharing(path: string): Op {
  return { op: "propagation", path, flags: MS_PRIVATE };
}

function isShared(mount: MountSpec): boolean {
  return mount.type === "bind" && (mount.propagation === "shared" || mount.propagation === "rshared");
}

/**
 * Features that leave something else than plain files in the upper directory are off: commit and diff read it
 * (redirected directories, metadata-only copies), and an index would tie it to one set of layers.
 */
const overlayFeatures = ["redirect_dir=nofollow", "metacopy=off", "index=off"];

function overlayData({ lowers, upper, work, volatile }: OverlayRootfs): string {
  const options = [
    `lowerdir=${lowers.map(escapeLayer).join(":")}`,
    `upperdir=${escapeOption(upper)}`,
    `workdir=${escapeOption(work)}`,
    ...overlayFeatures,
  ];
  if (volatile) options.push("volatile");
  return options.join(",");
}

/** Overlay's own quoting: a colon parts layers, a comma parts options (Documentation/filesystems/overlayfs.rst). */
function escapeLayer(path: string): string {
  return path.replaceAll(/[\\:,]/g, "\\$&");
}
function escapeOption(path: string): string {
  return path.replaceAll(/[\\,]/g, "\\$&");
}

/** Stage container: make the new root the root and let go of the host's. */
export function pivotOps(): PlannedOp[] {
  return planned("container", "rootfs", { op: "pivot_root" });
}

/** Stage container, after everything that makes a directory or a mount in the root. */
export function readonlyRootOps({ readonly }: RootfsSpec): PlannedOp[] {
  return readonly ? planned("container", "rootfs", { op: "readonly_root" }) : [];
}

/** Stage container: what tells about the whole machine is hidden or made read-only. */
export function maskOps(maskedPaths: readonly string[], readonlyPaths: readonly string[]): PlannedOp[] {
  return planned(
    "container",
    "mounts",
    ...readonlyPaths.map((path): Op => ({ op: "readonly_path", path })),
    ...maskedPaths.map((path): Op => ({ op: "mask", path })),
  );
}
