/** Stage container, up to pivot_root, as lines of a shell script. */
import { MS_REMOUNT, mountAttrNames, mountOptionNames, propagationName } from "../../kernel/mount-flags.ts";
import { namespaceNames } from "../../kernel/namespaces.ts";
import { rlimitNames, rlimitResource } from "../../kernel/rlimits.ts";
import { inRoot, quote } from "../explain/explainer.ts";
import type { Op, PlannedOp } from "../plan.ts";
import { oneLine } from "./host.ts";
import type { Places } from "./places.ts";

const FUNCTIONS = `
# Options are added to those that a mount has: mount(8) would replace them.
add_options() { # OPTIONS MOUNTPOINT
	mount -o "remount,bind,$(findmnt -no VFS-OPTIONS --mountpoint "$2" | tail -n 1),$1" "$2"
}
add_options_below() { # OPTIONS MOUNTPOINT
	findmnt -Rnro TARGET "$2" | sort -u | while read -r point; do add_options "$1" "$point"; done
}
make_file() { mkdir -p "\${1%/*}"; [ -e "$1" ] || : > "$1"; }
hide() { # PATH
	if [ -d "$1" ]; then mount -t tmpfs -o ro tmpfs "$1"; elif [ -e "$1" ]; then mount --bind "$root/dev/null" "$1"; fi
}
make_readonly() { # PATH
	[ -e "$1" ] || return 0
	mount --rbind "$1" "$1"
	add_options ro "$1"
}`;

export function insideLines(ops: readonly PlannedOp[], places: Places): string[] {
  const lines = ops.flatMap((op) => lineOf(op, places));
  return [...FUNCTIONS.split("\n").slice(1), "", ...joinLines(places), ...lines, 'exec perl "$work/become"'];
}

/** Born in the v2 cgroup by clone(2): a shell can only move there. */
function joinLines({ directories, shown }: Places): string[] {
  return directories.map((path) => `echo 0 > ${shown(`${path}/cgroup.procs`)}`);
}

function lineOf(op: Op, { shown }: Places): string[] {
  switch (op.op) {
    case "unshare":
      // What follows runs in a shell of the same process, in the new namespace.
      return [
        "# (a new cgroup namespace: its root is where we stand)",
        `sed '1,/^# the cgroup namespace is new/d' "$work/inside" > "$work/inside2"`,
        `exec unshare ${unshareOptions(op.flags)} sh -eu "$work/inside2"`,
        "# the cgroup namespace is new",
        ...FUNCTIONS.split("\n").slice(1),
      ];
    case "setns":
      return [
        `# (enter the namespaces of process $process${op.slot})`,
        `sed '1,/^# namespaces of process ${op.slot} are entered/d' "$work/inside" > "$work/inside-${op.slot}"`,
        `exec nsenter --target "$process${op.slot}" ${unshareOptions(op.flags)} sh -eu "$work/inside-${op.slot}"`,
        `# namespaces of process ${op.slot} are entered`,
        ...FUNCTIONS.split("\n").slice(1),
      ];
    case "sethostname":
      return [`hostname ${quote(op.name)}`];
    case "setdomainname":
      return [`echo ${quote(op.name)} > /proc/sys/kernel/domainname`];
    case "netlink":
      return op.label === "lo up" ? ["ip link set lo up"] : [`# Left out: ${oneLine(op.label)}`];
    case "write_proc":
      return [`echo ${quote(op.data)} > ${quote(op.path)}${op.optional ? " || true" : ""}`];
    case "propagation":
      return [
        `mount --make-${propagationName(op.flags)} ${op.path === "/" ? "/" : '"$(findmnt -no TARGET --target "$work")"'}`,
      ];
    case "mount_overlay":
      return [`( cd ${quote(op.base)} && mount -t overlay -o ${overlayOptions(op.data)} overlay "$root" )`];
    case "mount":
      return mountLines(op);
    case "bind":
      return bindLines(op, shown);
    case "bind_process":
      return [
        `mkdir -p ${inRoot(op.target)}`,
        `# Left out: ${op.source} of process $process${op.slot}; mount(8) binds no mounts of another namespace.`,
      ];
    case "mkdir":
      return [
        `[ -d ${inRoot(op.path)} ] || install -d -m ${(op.mode & 0o7777).toString(8)} -o ${op.uid} -g ${op.gid} ${inRoot(op.path)}`,
      ];
    case "mknod": {
      const kind = (op.mode & 0o170000) === 0o060000 ? "b" : "c";
      return [
        `mknod -m ${(op.mode & 0o7777).toString(8)} ${inRoot(op.path)} ${kind} ${op.major} ${op.minor}`,
        ...(op.uid || op.gid ? [`chown ${op.uid}:${op.gid} ${inRoot(op.path)}`] : []),
      ];
    }
    case "symlink":
      return [`[ -e ${inRoot(op.path)} ] || [ -L ${inRoot(op.path)} ] || ln -s ${quote(op.target)} ${inRoot(op.path)}`];
    case "pty":
      return ["# Left out: the terminal. Run this script under script(1) for one."];
    case "readonly_path":
      return [`make_readonly ${inRoot(op.path)}`];
    case "mask":
      return [`hide ${inRoot(op.path)}`];
    case "readonly_root":
      return ['add_options ro "$root"'];
    case "rlimit":
      return [
        `prlimit --pid $$ --${limitName(op.resource)}=${limit(op.soft)}:${limit(op.hard)}${op.optional ? " || true" : ""}`,
      ];
    default:
      return [];
  }
}

/** unshare(1) and nsenter(1) name them alike, but for mount. */
const unshareOptions = (flags: number) =>
  namespaceNames(flags)
    .map((name) => `--${name === "mnt" ? "mount" : name}`)
    .join(" ");

/** The image's layers as they are, upper and work of the script's own: two overlays must not share these. */
function overlayOptions(data: string): string {
  const kept = data
    .replace(/(^|[^\\]),upperdir=(?:\\.|[^,\\])*/, "$1")
    .replace(/(^|[^\\]),workdir=(?:\\.|[^,\\])*/, "$1");
  return `${quote(kept)}",upperdir=$upper,workdir=$overlay_work"`;
}

function mountLines({ source, target, type, flags, data, create, optional }: Extract<Op, { op: "mount" }>): string[] {
  const names = mountOptionNames(flags);
  const failing = optional ? " || true" : "";
  if (flags & MS_REMOUNT) return [`mount -o remount,bind,${names.join(",")} ${inRoot(target)}${failing}`];
  const options = [...names, ...(data ? [data] : [])].join(",");
  return [
    ...(create ? [`mkdir -p ${inRoot(target)}`] : []),
    `mount -t ${quote(type)}${options ? ` -o ${quote(options)}` : ""} ${quote(source)} ${inRoot(target)}${failing}`,
  ];
}

function bindLines(op: Extract<Op, { op: "bind" }>, shown: Places["shown"]): string[] {
  const source = op.subpath ? quote(`${op.source}/${op.subpath}`) : shown(op.source);
  const target = inRoot(op.target);
  const options = mountAttrNames(op.attrSet).join(",");
  const kind = propagationName(op.propagation);
  return [
    ...(op.create === "dir" ? [`mkdir -p ${target}`] : []),
    ...(op.create === "file" ? [`make_file ${target}`] : []),
    `mount --${op.recursive ? "rbind" : "bind"} ${source} ${target}`,
    ...(kind ? [`mount --make-${kind} ${target}`] : []),
    ...(options ? [`${op.attrRecursive ? "add_options_below" : "add_options"} ${options} ${target}`] : []),
  ];
}

const limitName = (resource: number) =>
  rlimitNames.find((name) => rlimitResource(name) === resource) ?? String(resource);
const limit = (value: number) => (value < 0 ? "unlimited" : String(value));
