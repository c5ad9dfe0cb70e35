/**
 * Fill a volume from a container's root. A short plan mounts the root in a mount namespace of its own and runs the
 * host's cp there, so that no mount can be left behind and no program of the image runs.
 */
import { join } from "node:path";
import { internal } from "../../engine/errors.ts";
import type { ContainerLayer, Launcher } from "../../engine/ports.ts";
import type { PlannedOp } from "../../isolation/plan.ts";
import { findDirectory } from "./find-directory.ts";

const CLONE_NEWNS = 0x00020000;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MS_REC = 0x4000;
const MS_PRIVATE = 0x40000;

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
  const launched = await launcher.launch({ version: 1, ops: plan(layer, mountpoint, join(mountpoint, found), target) });
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

/** --no-target-directory: the volume's own directory gets owner and mode of the image's. */
function plan(layer: ContainerLayer, mountpoint: string, source: string, target: string): PlannedOp[] {
  const data = `lowerdir=${layer.lowers.join(":")},upperdir=${layer.upper},workdir=${layer.work}`;
  const cp = ["cp", "--archive", "--no-target-directory", "--reflink=auto", "--", source, target];
  return [
    {
      op: "stdio",
      pty: false,
      rows: 0,
      cols: 0,
      stdin: false,
      stdinOnce: false,
      attached: true,
      stage: "launcher",
      phase: "stdio",
    },
    { op: "clone", flags: CLONE_NEWNS, stage: "launcher", phase: "namespaces" },
    { op: "propagation", path: "/", flags: MS_REC | MS_PRIVATE, stage: "container", phase: "mounts" },
    {
      op: "mount_overlay",
      base: layer.base,
      target: mountpoint,
      data,
      flags: MS_NOSUID | MS_NODEV | MS_NOEXEC,
      stage: "container",
      phase: "rootfs",
    },
    { op: "pipes", stage: "container", phase: "stdio" },
    { op: "close_range", first: 3, stage: "container", phase: "exec" },
    { op: "execve", argv: cp, env: ["LC_ALL=C"], searchPath: "/usr/bin:/bin", stage: "container", phase: "exec" },
  ];
}
