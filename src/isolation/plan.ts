/**
 * The isolation plan: an ordered list of kernel operations that makes one container (or one exec'd process).
 *
 * The plan is data. TypeScript computes it (compile.ts), the launcher (native/) carries it out and knows nothing else,
 * `cloche container explain` shows it. What the plan cannot say, the launcher cannot do.
 *
 * Who carries an operation out is its stage; within a stage the order of the list holds:
 *
 *     launcher   the launcher itself, before it forks; on the host, in the host's namespaces
 *     parent     the launcher (from now on the monitor) after clone(2), while the child waits; on the host
 *     container  the child, in its new namespaces; the last one is execve
 *     exit       the monitor, after PID 1 of the container has ended
 */
export type Stage = "launcher" | "parent" | "container" | "exit";

/** How explain groups the operations. */
export type Phase =
  | "stdio"
  | "cgroup"
  | "namespaces"
  | "network"
  | "rootfs"
  | "mounts"
  | "devices"
  | "identity"
  | "limits"
  | "seccomp"
  | "exec"
  | "cleanup";

export type Op =
  // -- what the monitor does for the process: set before the fork (stage launcher) ---------------------------------
  /** json-file log. maxSize in bytes, 0 = no limit; maxFiles >= 1. */
  | { op: "log_json"; path: string; maxSize: number; maxFiles: number; compress: boolean; attrs: string }
  /** Unix socket on which the monitor serves attach, resize, signal (docs/protocol.md). Mode 0600. */
  | { op: "listen"; path: string }
  /** File that gets the exit record (one JSON line; written beside it, then renamed). */
  | { op: "exit_record"; path: string }
  /**
   * stdio of the process. pty: a pseudo terminal of the container's own devpts, rows x cols, else pipes.
   * stdin: keep stdin open for attach clients, else /dev/null. stdinOnce: close it when the first one half-closes.
   * attached: the channel on fd 5 is subscribed to stdout and stderr from the first byte on.
   */
  | { op: "stdio"; pty: boolean; rows: number; cols: number; stdin: boolean; stdinOnce: boolean; attached: boolean }
  /** The channel on fd 5 itself as the process's stdin and stdout, without frames and past the monitor: for `files` only. */
  | { op: "channel_stdio" }
  /** The monitor dies with the engine, and the process with it: for what nobody else waits for. */
  | { op: "end_with_engine" }
  /** Give the pipes to a user of the host: root of the user namespace that the process will have, who could not take them. */
  | { op: "own_stdio"; uid: number; gid: number }
  // -- other processes' namespaces --------------------------------------------------------------------------------
  /** Open a pidfd for a process, /proc/PID/root too, and check its start time (field 22 of proc_pid_stat(5), ticks). */
  | { op: "open_process"; slot: number; pid: number; startTime: number }
  /** setns(2) with the pidfd of a slot. Stage launcher is allowed for CLONE_NEWPID only. */
  | { op: "setns"; slot: number; flags: number }
  /** Open a namespace file (a named netns, /proc/PID/ns/net given by path) and enter it. */
  | { op: "setns_path"; path: string; flags: number }
  /** Make the root directory of the slot's process ours: fchdir + chroot(2) by the fd opened before setns. */
  | { op: "chroot_process"; slot: number }
  /**
   * Let the child be born in the user namespace, and the PID namespace if wanted, of the slot's process: an envoy enters them, makes
   * the child with the flags of `clone`, as the launcher's (CLONE_PARENT), and ends.
   */
  | { op: "child_setns"; slot: number; flags: number }
  /** clone(2): the last operation of stage launcher. */
  | { op: "clone"; flags: number }
  /**
   * End, and go on as a new child of the launcher's (CLONE_PARENT), which is born in the PID namespace that setns chose, and
   * leads a session: what has power is never seen in there. Closes nothing, so after close_range.
   */
  | { op: "hand_over" }
  | { op: "unshare"; flags: number }
  // -- cgroups ----------------------------------------------------------------------------------------------------
  /** mkdir of a cgroup with its missing parents; removed again if the launch fails (only what was made here). */
  | { op: "cgroup_create"; path: string }
  /**
   * systemd makes this cgroup, a scope, and removes it when its last process has ended. Fork a keeper, tell the engine its number
   * (which asks systemd to put it there), wait until it is in, and move it into `keeper` below, where it stays until stage exit.
   */
  | { op: "cgroup_keep"; path: string; keeper: string }
  /**
   * Put the container's process in. Stage container: it moves itself; parent: the monitor moves it; launcher (v2 only, one):
   * clone(2) makes it in there, which spares the machine-wide lock of a move, some 10 ms.
   */
  | { op: "cgroup_join"; path: string }
  /** Attach a BPF_PROG_TYPE_CGROUP_DEVICE program (cgroup v2's device controller). */
  | { op: "cgroup_device_program"; path: string; program: Uint8Array }
  // -- files ------------------------------------------------------------------------------------------------------
  /** Write to an existing file of the host, in one write(2). optional: a failure is a warning. */
  | { op: "write_file"; path: string; data: string; optional: boolean }
  /**
   * Write below /proc of where we stand. Refused unless /proc is the root of a procfs and nothing is mounted on the way
   * (CVE-2025-52881).
   */
  | { op: "write_proc"; path: string; data: string; optional: boolean }
  /** Write the id map of the child; path is the name below /proc/CHILD: uid_map, gid_map, setgroups. Stage parent. */
  | { op: "write_child_proc"; path: string; data: string }
  // -- network ----------------------------------------------------------------------------------------------------
  /**
   * Send rtnetlink messages (already encoded, NLM_F_ACK set) on one NETLINK_ROUTE socket, and wait for each ack.
   * Stage parent: socket in the host's network namespace; fd 64 is the container's netns (for IFLA_NET_NS_FD),
   * Stage container: socket in the container's.
   */
  | { op: "netlink"; label: string; messages: Uint8Array; optional: boolean }
  // -- mounts (stage container; those that the host's root alone can make: parent, between enter_ and leave_child_mounts) --
  /** setns(2) into the child's mount namespace with the host's power; what is made there is the host's user uid, gid. */
  | { op: "enter_child_mounts"; uid: number; gid: number }
  /** Cover a directory by itself, its owners shown as the child's user namespace maps them (MOUNT_ATTR_IDMAP). */
  | { op: "id_map_mount"; path: string }
  | { op: "leave_child_mounts" }
  /**
   * mount(2) with only a propagation flag, on a path of the host as the new mount namespace has it; if that is no mount
   * point, on the mount that holds it.
   */
  | { op: "propagation"; path: string; flags: number }
  /** mount overlay on `target` (host path) with data whose paths are relative to `base` (chdir first: 4096 byte limit). */
  | { op: "mount_overlay"; base: string; target: string; data: string; flags: number }
  /** Open the container's root (host path; bound onto itself first when it is no mount point). All in-root paths below resolve under it with openat2(RESOLVE_IN_ROOT). */
  | { op: "open_root"; path: string }
  /**
   * mount(2) of a new file system on an in-root path, made (mkdir -p, inside the root) if `create`. A tmpfs without mode=
   * takes the mode of the directory that was there.
   */
  | {
      op: "mount";
      source: string;
      target: string;
      type: string;
      flags: number;
      data: string;
      create: boolean;
      optional: boolean;
    }
  /**
   * Bind a host path to an in-root path: open_tree(OPEN_TREE_CLONE) + mount_setattr + move_mount.
   * attrSet/attrClear: MOUNT_ATTR_* bits; attrRecursive: apply them to submounts too. propagation: MS_* or 0.
   * create: what is made at the target if it is missing. subpath: resolved beneath source with RESOLVE_IN_ROOT.
   */
  | {
      op: "bind";
      source: string;
      subpath: string;
      target: string;
      recursive: boolean;
      attrSet: number;
      attrClear: number;
      attrRecursive: boolean;
      propagation: number;
      create: "none" | "dir" | "file";
    }
  /** Bind a directory of the slot's process, as its mount namespace and its root have it, with what is mounted below, to an in-root path. */
  | { op: "bind_process"; slot: number; source: string; target: string }
  /** Bind /dev/null (checked to be 1:3) over a file, or an empty read-only tmpfs over a directory; a missing path is left. */
  | { op: "mask"; path: string }
  /** Bind a path onto itself read-only; a missing path is left. */
  | { op: "readonly_path"; path: string }
  | { op: "mkdir"; path: string; mode: number; uid: number; gid: number }
  | { op: "mknod"; path: string; mode: number; major: number; minor: number; uid: number; gid: number }
  | { op: "symlink"; target: string; path: string }
  /** Open the pty on the container's devpts, give its master to the monitor, make it stdio and the controlling terminal; console: bind it to /dev/console. */
  | { op: "pty"; console: boolean; uid: number; gid: number }
  /** Point stdio at the pipes made by `stdio`. setsid(2) too. */
  | { op: "pipes" }
  /** pivot_root(".", ".") into the opened root, detach the old one (a slave by then, so that the host does not see it go). */
  | { op: "pivot_root" }
  /** Remount / with MS_RDONLY. */
  | { op: "readonly_root" }
  // -- identity and limits (stage container) ------------------------------------------------------------------------
  | { op: "sethostname"; name: string }
  | { op: "setdomainname"; name: string }
  | { op: "umask"; mask: number }
  /** RLIM_INFINITY is -1. */
  | { op: "rlimit"; resource: number; soft: number; hard: number; optional: boolean }
  /** chdir inside the root; refused if the result is outside (getcwd(2) "(unreachable)"; CVE-2024-21626). create: mkdir -p first, owned by uid:gid. */
  | { op: "chdir"; path: string; create: boolean; uid: number; gid: number }
  /** Drop from the bounding set all capabilities not in the mask (bit n = capability n). Masks are decimal strings: 64 bit. */
  | { op: "cap_bounding"; mask: string }
  /**
   * setgroups, setgid, setuid; permitted capabilities are kept over it (PR_SET_KEEPCAPS), effective ones are the kernel's choice.
   * Pipes on 0 to 2 are given to the user, who may want to open /dev/stdout.
   */
  | { op: "set_user"; uid: number; gid: number; groups: number[] }
  | { op: "capabilities"; effective: string; permitted: string; inheritable: string; ambient: string }
  | { op: "no_new_privs" }
  /** seccomp(SECCOMP_SET_MODE_FILTER): program is an array of struct sock_filter. */
  | { op: "seccomp"; flags: number; program: Uint8Array }
  /** Close every fd from `first` on (close_range(2)), but for the pipe whose end tells the launcher of execve. */
  | { op: "close_range"; first: number }
  /** Stay as PID 1 that reaps and forwards signals, go on in a child (docker's --init). */
  | { op: "init" }
  /** Make a procfs of our own, mounted nowhere, for `files`: while we have the host's power, and before the container's is entered. */
  | { op: "own_proc" }
  /**
   * Instead of execve: look at, read or write what is at an in-root path, in records on stdin and stdout (docs/protocol.md).
   * ownFileSystem: without what is mounted in the root. content: that of files too, else only what they are.
   * keepKinds: a directory does not give way to a file, nor a file to a directory. capabilities: what is kept of our power,
   * a mask as a decimal string. Only for plans with end_with_engine.
   */
  | {
      op: "files";
      action: "stat" | "read" | "write";
      path: string;
      ownFileSystem: boolean;
      content: boolean;
      keepKinds: boolean;
      capabilities: string;
    }
  /** execve(2). argv[0] without a slash is looked up in `searchPath` (colon separated). Always the last of stage container. */
  | { op: "execve"; argv: string[]; env: string[]; searchPath: string }
  // -- exit (stage exit) --------------------------------------------------------------------------------------------
  /** Kill what is left in the cgroup: cgroup.kill (v2) or SIGKILL to each of cgroup.procs (v1), and wait until it is empty. */
  | { op: "cgroup_kill"; path: string }
  /** Read a number into the exit record as `name`: the value of line `key` in the file, or the whole file if key is "". */
  | { op: "read_counter"; name: string; path: string; key: string }
  /** rmdir of the cgroup and its children. */
  | { op: "cgroup_remove"; path: string }
  | { op: "unlink"; path: string };

export type OpName = Op["op"];
export type PlannedOp = Op & { stage: Stage; phase: Phase };
export type Plan = { version: 1; ops: PlannedOp[] };
