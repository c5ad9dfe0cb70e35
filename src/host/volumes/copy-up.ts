/**
 * Fill a volume from a container's root. A short plan mounts the root in a mount namespace of its own and runs the
 * host's cp there, so that no mount can be left behind and no program of the image runs.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { internal } from "../../engine/errors.ts";
import type { ContainerLayer, Launcher } from "../../engine/ports.ts";
import { planned } from "../../isolation/op.ts";
import type { Op, PlannedOp } from "../../isolation/plan.ts";
import {
  MOUNT_ATTR_RDONLY,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
} from "../../kernel/mount-flags.ts";
import { namespaceFlags } from "../../kernel/namespaces.ts";
import { findDirectory } from "./find-directory.ts";

export type CopyUp = { layer: ContainerLayer; mountpoint: string; path: string; target: string };

/** @returns false if the root has no directory at `path` */
export async function copyUp(
  launcher: Pick<Launcher, "launch">,
  { layer, mountpoint, path, target }: CopyUp,
): Promise<boolean> {
  const layers = [layer.upper, ...layer.lowers].map((directory) => join(layer.base, directory));
  // cp gets a path without any link in it: the image's own links cannot lead it out of the mounted root.
  const found = await findDirectory(layers, path);
  if (found === undefined) return false;
  const launched = await launcher.launch({ version: 1, ops: plan(layer, mountpoint, found, target) });
  let said = "";
  launched.channel.onOutput((_stream, data) => {
    said = (said + data.toString()).slice(0, 2000);
  });
  const exit = await launched.exit;
  launched.channel.close();
  if (exit?.exitCode !== 0)
    throw internal(`filling the volume from ${path} of the image: ${said.trim() || "cp failed"}`);
  return true;
}

/**
 * Another container may have the volume already, and put links where cp is about to write. So cp stands in a root of its
 * own, a tmpfs, where a link can lead nowhere: /from is the container's root, read-only, /to the volume, and the host's
 * programs are there read-only.
 */
function plan(layer: ContainerLayer, mountpoint: string, found: string, target: string): PlannedOp[] {
  const data = `lowerdir=${layer.lowers.join(":")},upperdir=${layer.upper},workdir=${layer.work}`;
  const quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  // --no-target-directory: the volume's own directory gets owner and mode of the image's.
  const cp = ["cp", "--archive", "--no-target-directory", "--reflink=auto", "--", `/from${found}`, "/to"];
  return [
    ...planned("launcher", "stdio", {
      op: "stdio",
      pty: false,
      rows: 0,
      cols: 0,
      stdin: false,
      stdinOnce: false,
      attached: true,
    }),
    ...planned("launcher", "namespaces", { op: "clone", flags: namespaceFlags.mnt }),
    ...planned(
      "container",
      "mounts",
      { op: "propagation", path: "/", flags: MS_REC | MS_PRIVATE },
      {
        op: "mount",
        source: "tmpfs",
        target: mountpoint,
        type: "tmpfs",
        flags: quiet,
        data: "mode=700,size=64k",
        create: false,
        optional: false,
      },
      { op: "mkdir", path: `${mountpoint}/from`, mode: 0o700, uid: 0, gid: 0 },
      { op: "mount_overlay", base: layer.base, target: `${mountpoint}/from`, data, flags: quiet | MS_RDONLY },
      bind(target, `${mountpoint}/to`, 0),
      ...programs().map((directory) => bind(directory, `${mountpoint}${directory}`, MOUNT_ATTR_RDONLY)),
      { op: "open_root", path: mountpoint },
      { op: "pivot_root" },
    ),
    ...planned(
      "container",
      "exec",
      { op: "pipes" },
      { op: "close_range", first: 3 },
      { op: "execve", argv: cp, env: ["LC_ALL=C"], searchPath: "/usr/bin:/bin" },
    ),
  ];
}

/** Where cp, its libraries and their loader are; some of them are links to others. */
function programs(): string[] {
  return ["/usr", "/bin", "/lib", "/lib64"].filter((directory) => existsSync(directory));
}

function bind(source: string, target: string, attrSet: number): Op {
  return {
    op: "bind",
    source,
    subpath: "",
    target,
    recursive: false,
    attrSet,
    attrClear: 0,
    attrRecursive: false,
    propagation: 0,
    create: "dir",
  };
}
