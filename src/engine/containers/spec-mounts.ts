/** A container's mounts: what was asked for, and docker's three files in /etc. */
import type { MountSpec, Propagation } from "../../isolation/spec.ts";
import type { MountPoint } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { ContainerPaths, Deps } from "./deps.ts";
import { detailOf } from "./mount-points.ts";
import { networkOwner } from "./spec-namespaces.ts";

type MountDeps = Pick<Deps, "store" | "files" | "paths">;

/** Makes the missing host directories of -v. Throws invalid for a source of --mount that has gone. */
export function mountSpecs(deps: MountDeps, record: ContainerRecord): MountSpec[] {
  for (const mount of record.mounts) refuseInProc(mount);
  const asked = record.mounts.map((mount) => mountSpec(deps, record, mount));
  const targets = new Set(asked.map((mount) => mount.target));
  // A container in another's network has that one's names and servers, as one file for both.
  const own = ownFiles(
    deps.files.of(networkOwner(deps.store, record)?.id ?? record.id),
    record.hostConfig.ReadonlyRootfs,
  );
  return [...own.filter((mount) => !targets.has(mount.target)), ...asked];
}

/** Files of /proc whose stand-ins nobody trusts for more than numbers: runc's list, for lxcfs and the like. */
const replaceable = ["cpuinfo", "diskstats", "loadavg", "meminfo", "net/dev", "slabinfo", "stat", "swaps", "uptime"]
  .concat("sys/crypto/fips_enabled", "sys/kernel/ns_last_pid")
  .map((name) => `/proc/${name}`);

/**
 * What covers the rest of /proc could make a process of ours write an attribute into a file that the container chose. The
 * volumes of an image can ask for it too (CVE-2019-19921). Links are the launcher's matter. Throws invalid.
 */
function refuseInProc({ Source: source, Destination: target }: MountPoint): void {
  const allowed =
    target === "/proc" ? source === "/proc" : !target.startsWith("/proc/") || replaceable.includes(target);
  if (allowed) return;
  throw invalid(
    `error mounting "${source}" to rootfs at "${target}": "${target}" cannot be mounted because it is inside /proc`,
  );
}

function ownFiles(paths: ContainerPaths, readonly: boolean): MountSpec[] {
  const file = (source: string, target: string): MountSpec => ({
    type: "bind",
    source,
    target,
    readonly,
    recursive: true,
    recursiveReadonly: "no",
    propagation: "rprivate",
    sourceKind: "file",
  });
  return [
    file(paths.resolvConf, "/etc/resolv.conf"),
    file(paths.hostname, "/etc/hostname"),
    file(paths.hosts, "/etc/hosts"),
  ];
}

function mountSpec({ paths }: MountDeps, record: ContainerRecord, mount: MountPoint): MountSpec {
  const detail = detailOf(record, mount.Destination);
  if (mount.Type === "image") paths.makeDirectory(mount.Source);
  if (mount.Type === "tmpfs") return { type: "tmpfs", target: mount.Destination, options: detail.tmpfs ?? [] };
  let kind = paths.kind(mount.Source);
  if (kind === undefined) {
    if (mount.Type !== "bind" || !detail.createSource) {
      throw invalid(`invalid mount config for type "${mount.Type}": bind source path does not exist: ${mount.Source}`);
    }
    paths.makeDirectory(mount.Source);
    kind = "dir";
  }
  const propagation = propagationOf(mount.Propagation);
  refuseDeafSource(paths, mount.Source, propagation);
  return {
    type: "bind",
    source: mount.Source,
    ...(detail.subpath && { subpath: detail.subpath }),
    ...(detail.layers && { layers: detail.layers }),
    target: mount.Destination,
    readonly: !mount.RW,
    recursive: !detail.nonRecursive,
    recursiveReadonly: detail.recursiveReadonly ?? "if-possible",
    propagation,
    sourceKind: kind,
  };
}

/** Mounts propagate only from and to a mount that is shared on the host: else the option would silently do nothing. */
function refuseDeafSource(paths: MountDeps["paths"], source: string, propagation: Propagation): void {
  if (propagation === "private" || propagation === "rprivate") return;
  const { mountpoint, shared, slave } = paths.mountOf(source);
  const wanted = propagation.endsWith("shared") ? "shared" : "shared or slave";
  if (shared || (slave && wanted !== "shared")) return;
  throw invalid(`path ${source} is mounted on ${mountpoint} but it is not a ${wanted} mount`);
}

function propagationOf(text: string): Propagation {
  switch (text) {
    case "private":
    case "slave":
    case "rslave":
    case "shared":
    case "rshared":
      return text;
    default:
      return "rprivate";
  }
}
