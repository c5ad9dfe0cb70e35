/** The launcher's operations as they travel: a test compares this table with `launcher --list-ops`. */
import type { Op, OpName, Stage } from "./plan.ts";

/** s text, b bytes, u unsigned 64 bit, i signed 64 bit, l list of texts, n list of u32. */
export type ArgumentKind = "s" | "b" | "u" | "i" | "l" | "n";
type Fields<N extends OpName> = Exclude<keyof Extract<Op, { op: N }>, "op">;
type Row<N extends OpName> = { code: number; fields: Record<Fields<N>, ArgumentKind>; stages: Stage[] };

const host: Stage[] = ["launcher", "parent"];
const container: Stage[] = ["container"];
const mounting: Stage[] = ["parent", "container"];
const beforeExit: Stage[] = ["launcher", "parent", "container"];

/** Code, arguments in the order in which they travel, and stages of each operation. A code is never used again. */
export const opTable: { [N in OpName]: Row<N> } = {
  log_json: {
    code: 1,
    fields: { path: "s", maxSize: "u", maxFiles: "u", compress: "u", attrs: "s" },
    stages: ["launcher"],
  },
  listen: { code: 2, fields: { path: "s" }, stages: ["launcher"] },
  exit_record: { code: 3, fields: { path: "s" }, stages: ["launcher"] },
  stdio: {
    code: 4,
    fields: { pty: "u", rows: "u", cols: "u", stdin: "u", stdinOnce: "u", attached: "u" },
    stages: ["launcher"],
  },
  open_process: { code: 5, fields: { slot: "u", pid: "u", startTime: "u" }, stages: ["launcher"] },
  setns: { code: 6, fields: { slot: "u", flags: "u" }, stages: ["launcher", "container"] },
  setns_path: { code: 7, fields: { path: "s", flags: "u" }, stages: container },
  chroot_process: { code: 8, fields: { slot: "u" }, stages: container },
  clone: { code: 9, fields: { flags: "u" }, stages: ["launcher"] },
  unshare: { code: 10, fields: { flags: "u" }, stages: container },
  cgroup_create: { code: 11, fields: { path: "s" }, stages: host },
  cgroup_join: { code: 12, fields: { path: "s" }, stages: beforeExit },
  cgroup_device_program: { code: 13, fields: { path: "s", program: "b" }, stages: beforeExit },
  write_file: { code: 14, fields: { path: "s", data: "s", optional: "u" }, stages: beforeExit },
  write_proc: { code: 15, fields: { path: "s", data: "s", optional: "u" }, stages: container },
  write_child_proc: { code: 16, fields: { path: "s", data: "s" }, stages: ["parent"] },
  netlink: { code: 17, fields: { label: "s", messages: "b", optional: "u" }, stages: ["parent", "container"] },
  propagation: { code: 18, fields: { path: "s", flags: "u" }, stages: mounting },
  mount_overlay: { code: 19, fields: { base: "s", target: "s", data: "s", flags: "u" }, stages: mounting },
  open_root: { code: 20, fields: { path: "s" }, stages: mounting },
  mount: {
    code: 21,
    fields: { source: "s", target: "s", type: "s", flags: "u", data: "s", create: "u", optional: "u" },
    stages: container,
  },
  bind: {
    code: 22,
    fields: {
      source: "s",
      subpath: "s",
      target: "s",
      recursive: "u",
      attrSet: "u",
      attrClear: "u",
      attrRecursive: "u",
      propagation: "u",
      create: "u",
    },
    stages: mounting,
  },
  mask: { code: 23, fields: { path: "s" }, stages: container },
  readonly_path: { code: 24, fields: { path: "s" }, stages: container },
  mkdir: { code: 25, fields: { path: "s", mode: "u", uid: "u", gid: "u" }, stages: container },
  mknod: { code: 26, fields: { path: "s", mode: "u", major: "u", minor: "u", uid: "u", gid: "u" }, stages: container },
  symlink: { code: 27, fields: { target: "s", path: "s" }, stages: container },
  pty: { code: 28, fields: { console: "u", uid: "u", gid: "u" }, stages: container },
  pipes: { code: 29, fields: {}, stages: container },
  pivot_root: { code: 30, fields: {}, stages: container },
  readonly_root: { code: 31, fields: {}, stages: container },
  sethostname: { code: 32, fields: { name: "s" }, stages: container },
  setdomainname: { code: 33, fields: { name: "s" }, stages: container },
  umask: { code: 34, fields: { mask: "u" }, stages: container },
  rlimit: { code: 35, fields: { resource: "u", soft: "i", hard: "i", optional: "u" }, stages: container },
  chdir: { code: 36, fields: { path: "s", create: "u", uid: "u", gid: "u" }, stages: container },
  cap_bounding: { code: 37, fields: { mask: "u" }, stages: container },
  set_user: { code: 38, fields: { uid: "u", gid: "u", groups: "n" }, stages: container },
  capabilities: {
    code: 39,
    fields: { effective: "u", permitted: "u", inheritable: "u", ambient: "u" },
    stages: container,
  },
  no_new_privs: { code: 40, fields: {}, stages: container },
  seccomp: { code: 41, fields: { flags: "u", program: "b" }, stages: container },
  close_range: { code: 42, fields: { first: "u" }, stages: container },
  init: { code: 43, fields: {}, stages: container },
  execve: { code: 44, fields: { argv: "l", env: "l", searchPath: "s" }, stages: container },
  cgroup_kill: { code: 45, fields: { path: "s" }, stages: ["exit"] },
  read_counter: { code: 46, fields: { name: "s", path: "s", key: "s" }, stages: ["exit"] },
  cgroup_remove: { code: 47, fields: { path: "s" }, stages: ["exit"] },
  unlink: { code: 48, fields: { path: "s" }, stages: ["exit"] },
  bind_process: { code: 49, fields: { slot: "u", source: "s", target: "s" }, stages: container },
  files: {
    code: 50,
    fields: { action: "s", path: "s", ownFileSystem: "u", content: "u", keepKinds: "u", capabilities: "u" },
    stages: container,
  },
  end_with_engine: { code: 51, fields: {}, stages: ["launcher"] },
  own_stdio: { code: 52, fields: { uid: "u", gid: "u" }, stages: ["launcher"] },
  enter_child_mounts: { code: 53, fields: { uid: "u", gid: "u" }, stages: ["parent"] },
  id_map_mount: { code: 54, fields: { path: "s" }, stages: ["parent"] },
  leave_child_mounts: { code: 55, fields: {}, stages: ["parent"] },
  hand_over: { code: 56, fields: {}, stages: container },
  cgroup_keep: { code: 57, fields: { path: "s", keeper: "s" }, stages: ["launcher"] },
  own_proc: { code: 58, fields: {}, stages: container },
  child_setns: { code: 59, fields: { slot: "u", flags: "u" }, stages: ["launcher"] },
  channel_stdio: { code: 60, fields: {}, stages: ["launcher"] },
};
