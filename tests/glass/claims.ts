/** Which system calls carry an operation out. Written after the man pages, not after the launcher. */
import { basename } from "node:path/posix";
import type { PlannedOp } from "../../src/isolation/plan.ts";
import { namespaceNames } from "../../src/kernel/namespaces.ts";
import type { Call } from "./trace.ts";

/** Operations that the monitor remembers or that only look: they need no call that changes something. */
const QUIET = [
  "log_json",
  "exit_record",
  "stdio",
  "open_process",
  "open_root",
  "chdir",
  "umask",
  "mask",
  "readonly_path",
  "mkdir",
];

/** Whether some call must be seen for it. */
export const mustBeSeen = (op: PlannedOp): boolean =>
  !QUIET.includes(op.op) && !("optional" in op && op.optional) && !(op.op === "cgroup_join" && op.stage === "launcher");

const flagWord = (kind: string) => (kind === "mnt" ? "NS" : kind.toUpperCase());

/** @param root the container's root on the host, before pivot_root */
export function claims(op: PlannedOp, { name, args, cwd }: Call, root: string): boolean {
  const is = (...names: string[]) => names.includes(name);
  const has = (text: string) => args.includes(text);
  /** a descriptor of this path in the container, whether the root was changed already or not */
  const fd = (path: string) => has(`<${path}>`) || has(`<${root}${path}>`);
  const stands = (path: string) => cwd === path || cwd === root + path;
  const makesPath = (path: string) =>
    (is("mkdirat", "mknodat", "fchownat", "fchmodat") &&
      path.split("/").includes(/"([^"]*)"/.exec(args)?.[1] ?? "?")) ||
    (is("openat", "openat2") && has(`"${basename(path)}"`)) ||
    (is("fchown", "fchmod") && fd(path));
  switch (op.op) {
    case "cgroup_create": {
      // A new v1 cpuset is empty: its parent's processors and memory are written into it, or nobody could join.
      const filled = is("write") ? /<(\S+)\/cpuset\.(?:cpus|mems)>/.exec(args)?.[1] : undefined;
      const made = is("mkdir") ? /"(.*)"/.exec(args)?.[1] : undefined;
      const directory = filled ?? made;
      return directory !== undefined && `${op.path}/`.startsWith(`${directory}/`);
    }
    case "cgroup_keep":
      return (
        // A fork as any other: its flags ask for no namespace.
        (is("clone", "clone3", "fork", "vfork") && !has("CLONE_NEW")) ||
        // the keeper's, whatever it had of the launcher's
        (is("close_range") && args.startsWith("0, ")) ||
        (is("write") && /^\d+<\/proc\/\d+\/oom_score_adj>, "-1000"/.test(args)) ||
        (is("mkdir") && args.startsWith(`"${op.path}/${op.keeper}", `)) ||
        (is("write") && has(`<${op.path}/${op.keeper}/cgroup.procs>`))
      );
    case "cgroup_device_program":
      return is("bpf") && /^BPF_PROG_(LOAD|ATTACH)/.test(args);
    case "write_file":
      return is("write") && has(`<${op.path}>`) && has(`"${op.data}"`);
    case "cgroup_join":
      return is("write") && (has(`<${op.path}/tasks>`) || has(`<${op.path}/cgroup.procs>`));
    case "child_setns":
      return (is("setns") && has("CLONE_NEWUSER")) || is("clone", "wait4");
    case "clone":
      return is("clone", "clone3") && namespaceNames(op.flags).every((kind) => has(`CLONE_NEW${flagWord(kind)}`));
    case "unshare":
      return is("unshare") && namespaceNames(op.flags).every((kind) => has(`CLONE_NEW${kind.toUpperCase()}`));
    case "netlink":
      return is("sendmsg", "sendto", "write") && has("<NETLINK:");
    case "sethostname":
    case "setdomainname":
      return is(op.op) && has(JSON.stringify(op.name));
    case "write_proc":
      return (
        is("write") && new RegExp(`<${op.path.replace("/self/", "/\\d+/")}>`).test(args) && has(JSON.stringify(op.data))
      );
    case "propagation":
      return is("mount") && args.startsWith(`NULL, "${op.path}", NULL, `);
    case "mount_overlay":
      return is("mount") && args.startsWith(`"overlay", "${op.target}", "overlay"`);
    case "mount":
      return (
        (is("mount") && args.startsWith(`"${op.source}", ".", `) && stands(op.target)) ||
        (op.create && makesPath(op.target))
      );
    case "bind":
      return (
        (is("open_tree") && has(`<${op.source}>`)) ||
        is("mount_setattr") ||
        (is("move_mount") && fd(op.target)) ||
        (op.create !== "none" && makesPath(op.target))
      );
    case "readonly_path":
      return ((is("open_tree") || is("move_mount")) && fd(op.path)) || is("mount_setattr");
    case "mask":
      return (
        (is("mount") && args.startsWith('"tmpfs", ".", "tmpfs", MS_RDONLY') && stands(op.path)) ||
        (is("open_tree") && has("</dev/null<char 1:3>>")) ||
        (is("move_mount") && fd(op.path))
      );
    case "readonly_root":
      return is("mount_setattr") && has("MOUNT_ATTR_RDONLY");
    case "mkdir":
      return makesPath(op.path);
    case "mknod":
      return is("mknodat", "fchownat") && has(`"${basename(op.path)}"`);
    case "symlink":
      return is("symlinkat") && has(`"${op.target}"`) && has(`"${basename(op.path)}"`);
    case "pipes":
      return is("setsid");
    case "pivot_root":
      return is("pivot_root", "umount2") || (is("mount") && /^NULL, "\.", NULL, MS_REC\|MS_SLAVE/.test(args));
    case "close_range":
      return is("close_range");
    case "setns":
      return is("setns") && namespaceNames(op.flags).every((kind) => has(`CLONE_NEW${flagWord(kind)}`));
    case "chroot_process":
      return is("chroot");
    case "hand_over":
      return (is("clone") && has("CLONE_PARENT|")) || is("setsid");
    case "rlimit":
      return is("prlimit64") && has(`rlim_cur=${op.soft}`) && has(`rlim_max=${op.hard}`);
    case "no_new_privs":
      return is("prctl") && args.startsWith("PR_SET_NO_NEW_PRIVS");
    case "seccomp":
      return is("seccomp") && args.startsWith("SECCOMP_SET_MODE_FILTER") && has(`len=${op.program.byteLength / 8}`);
    case "cap_bounding":
      return is("prctl") && args.startsWith("PR_CAPBSET_DROP");
    case "set_user":
      // fchown: pipes are given to the user, who may want to open /dev/stdout.
      return (
        is("setgroups", "setresgid", "setresuid") ||
        (is("fchown") && has("<pipe:")) ||
        (is("prctl") && args.startsWith("PR_SET_KEEPCAPS"))
      );
    case "capabilities":
      return is("capset") || (is("prctl") && args.startsWith("PR_CAP_AMBIENT"));
    case "execve":
      return is("execve") && has(`[${op.argv.map((word) => JSON.stringify(word)).join(", ")}]`);
    default:
      return false;
  }
}
