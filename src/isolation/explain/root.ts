/** The root file system, mounts and devices. */
import { MS_REMOUNT, mountAttrNames, mountOptionNames, propagationName } from "../../kernel/mount-flags.ts";
import { type Explainers, inRoot, list, quote } from "./explainer.ts";

const S_IFMT = 0o170000;
const S_IFBLK = 0o060000;
const octal = (mode: number) => (mode & ~S_IFMT).toString(8).padStart(4, "0");
const meanings: Readonly<Record<string, string>> = {
  proc: "the processes of our PID namespace",
  sysfs: "devices, and the interfaces of our network namespace",
  devpts: "pseudo terminals of our own",
  mqueue: "message queues of our IPC namespace",
  tmpfs: "files in memory",
  cgroup: "cgroups",
  cgroup2: "cgroups",
};

export const root = {
  propagation: ({ path, flags }) => ({
    sentence:
      `Mark ${path === "/" ? "all mounts" : `the mount that holds ${path}`} as ${propagationName(flags)}: ` +
      (propagationName(flags).endsWith("slave")
        ? "what we mount does not show on the host, what the host mounts later still shows here."
        : propagationName(flags).endsWith("private")
          ? "what is mounted there does not show on the host."
          : "what is mounted there shows on both sides."),
    manPage: "mount_namespaces(7)",
    shell: `mount --make-${propagationName(flags)} ${quote(path)}`,
    dependsOn: "The mount namespace is new: else the host's mounts would change.",
  }),
  enter_child_mounts: ({ uid, gid }) => ({
    sentence: `Go into the child's mount namespace as the host's user ${uid} and group ${gid}, with the host root's power.`,
    manPage: "setns(2)",
    shell: "nsenter --target $child --mount program",
    dependsOn: "The child's ids are mapped; it waits.",
  }),
  id_map_mount: ({ path }) => ({
    sentence: `Cover ${path} by itself, its files' owners shown as the child's user namespace has them.`,
    manPage: "mount_setattr(2)",
    shell: `mount --rbind -o X-mount.idmap=/proc/$child/ns/user ${quote(path)} ${quote(path)}`,
    dependsOn: "The child's ids are mapped; the mount namespace is the child's.",
  }),
  leave_child_mounts: () => ({
    sentence: "Come back to the host's mount namespace.",
    manPage: "setns(2)",
    shell: "exit",
  }),
  mount_overlay: ({ base, target, data }) => ({
    sentence: `Lay the image's layers and the container's own writable layer over each other on ${target}.`,
    manPage: "mount(8)",
    shell: `cd ${quote(base)} && mount -t overlay overlay -o ${quote(data)} ${quote(target)}`,
    dependsOn: "Our mounts do not spread to the host.",
  }),
  open_root: ({ path }) => ({
    sentence: `Open ${path}, the root to be; from here on every path is looked up below it, and no link leads out.`,
    manPage: "openat2(2)",
    shell: `root=${quote(path)}`,
    dependsOn: "The root is mounted.",
  }),
  mount: ({ source, target, type, flags, data }) => {
    const options = [...mountOptionNames(flags), ...(data ? [data] : [])];
    if (flags & MS_REMOUNT) {
      return {
        sentence: `Change the mount ${target}: ${list(mountOptionNames(flags))}.`,
        manPage: "mount(2)",
        shell: `mount -o remount,bind,${options.join(",")} ${inRoot(target)}`,
        dependsOn: "What has to be written there has been written.",
      };
    }
    return {
      sentence: `Mount a new ${type} on ${target}: ${meanings[type] ?? `the file system ${source}`}${
        options.includes("ro") ? ", read-only" : ""
      }.`,
      manPage: "mount(2)",
      shell: `mount -t ${type}${options.length ? ` -o ${quote(options.join(","))}` : ""} ${quote(source)} ${inRoot(target)}`,
      ...(type in meanings &&
        type !== "tmpfs" && { dependsOn: "The namespace is entered: such a file system shows its mounter's." }),
    };
  },
  bind: ({ source, subpath, target, recursive, attrSet, attrRecursive, propagation }) => {
    const from = subpath ? `${source}/${subpath}` : source;
    const options = [...mountAttrNames(attrSet), propagationName(propagation)].filter((word) => word !== "");
    return {
      sentence: `Show the host's ${from} as ${target}${attrSet & 1 ? `, read-only${attrRecursive ? " with all below" : ""}` : ""}.`,
      manPage: "open_tree(2)",
      shell: `mount --${recursive ? "rbind" : "bind"}${options.length ? ` -o ${options.join(",")}` : ""} ${quote(from)} ${inRoot(target)}`,
      dependsOn: "The host's paths can still be reached; what lies above the target is mounted.",
    };
  },
  bind_process: ({ slot, source, target }) => ({
    sentence: `Show ${source} of the container whose namespaces we share as our ${target}.`,
    manPage: "open_tree(2)",
    shell: `mount --rbind "/proc/$process${slot}/root"${quote(source)} ${inRoot(target)}`,
    dependsOn: "That process is held open; the folder above the target is mounted.",
  }),
  mask: ({ path }) => ({
    sentence: `Hide ${path}: an empty folder or /dev/null is laid over it.`,
    manPage: "mount(2)",
    shell: `mount --bind /dev/null ${quote(path)} || mount -t tmpfs -o ro tmpfs ${quote(path)}`,
    dependsOn: "All else is mounted, so nothing uncovers it again.",
  }),
  readonly_path: ({ path }) => ({
    sentence: `Make ${path} read-only: it can be looked at, not changed.`,
    manPage: "mount(2)",
    shell: `mount --bind ${quote(path)} ${quote(path)} && mount -o remount,bind,ro ${quote(path)}`,
    dependsOn: "Kernel parameters that the container shall have are written.",
  }),
  mkdir: ({ path, mode }) => ({
    sentence: `Make the folder ${path} unless it is there.`,
    manPage: "mkdir(2)",
    shell: `mkdir -p -m ${octal(mode)} ${inRoot(path)}`,
  }),
  mknod: ({ path, mode, major, minor }) => ({
    sentence: `Make the device ${path} (${(mode & S_IFMT) === S_IFBLK ? "block" : "character"} ${major}:${minor}).`,
    manPage: "mknod(2)",
    shell: `mknod -m ${octal(mode)} ${inRoot(path)} ${(mode & S_IFMT) === S_IFBLK ? "b" : "c"} ${major} ${minor}`,
    dependsOn: "/dev is mounted.",
  }),
  symlink: ({ target, path }) => ({
    sentence: `Make ${path} a link to ${target}.`,
    manPage: "symlink(2)",
    shell: `ln -s ${quote(target)} ${inRoot(path)}`,
  }),
  pivot_root: () => ({
    sentence:
      "Make the container's root the root of our mount namespace and let go of the host's: it has no name here any more.",
    manPage: "pivot_root(2)",
    shell: 'cd "$root" && pivot_root . . && umount -l .',
    dependsOn: "Everything that needed a path of the host is mounted.",
  }),
  readonly_root: () => ({
    sentence: "Make the root read-only.",
    manPage: "mount(2)",
    shell: "mount -o remount,bind,ro /",
    dependsOn: "Every folder and file that had to be made in it is made.",
  }),
} satisfies Partial<Explainers>;
