/** What a container gets when nobody asks for anything else: docker's defaults, as moby and runc have them. */
import type { DeviceNode, DeviceRule } from "./spec.ts";

export const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const defaultUmask = 0o022;
/** /dev/shm, bytes. */
export const defaultShmSize = 64 * 1024 * 1024;
/** Ids from here on the user's side are refused: setuid(2) takes them, but signed programs see them as negative. */
export const maxId = 2 ** 31 - 1;
/** The group of terminals in every distribution: devpts gives new ptys to it. */
export const ttyGroup = 5;

/** The 14 capabilities that root keeps in a container (bounding, permitted and effective; inheritable stays empty). */
export const defaultCapabilities: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
];

/** Hidden: what tells about, or reaches, the whole machine and has no namespace. */
export const defaultMaskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

/** Per CPU, docker hides the throttle counters too: side channels between containers. @param cpus number of CPUs */
export function thermalThrottlePaths(cpus: number): string[] {
  return Array.from({ length: cpus }, (_, cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`);
}

/** Many kernels let root of any container switch the host's debug messages on and off there; docker leaves it open. */
export const dynamicDebugPath = "/proc/dynamic_debug";

/** Readable, not writable: settings of the machine. */
export const defaultReadonlyPaths: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

const character = (path: string, major: number, minor: number): DeviceNode => ({
  path,
  type: "c",
  major,
  minor,
  mode: 0o666,
  uid: 0,
  gid: 0,
});
/** Nodes of every container's /dev (runtime-spec, "Default Devices"; /dev/console and ptmx come with the terminal). */
export const defaultDevices: readonly DeviceNode[] = [
  character("/dev/null", 1, 3),
  character("/dev/zero", 1, 5),
  character("/dev/full", 1, 7),
  character("/dev/random", 1, 8),
  character("/dev/urandom", 1, 9),
  character("/dev/tty", 5, 0),
];

/** Links of every container's /dev. ptmx: the devpts instance is the container's own. */
export const defaultDevLinks: readonly { path: string; target: string }[] = [
  { path: "/dev/ptmx", target: "pts/ptmx" },
  { path: "/dev/fd", target: "/proc/self/fd" },
  { path: "/dev/stdin", target: "/proc/self/fd/0" },
  { path: "/dev/stdout", target: "/proc/self/fd/1" },
  { path: "/dev/stderr", target: "/proc/self/fd/2" },
  { path: "/dev/core", target: "/proc/kcore" },
];

const rule = (allow: boolean, type: "a" | "c" | "b", major: number | "*", minor: number | "*", access: string) =>
  ({ allow, type, major, minor, access }) satisfies DeviceRule;
/** Devices that may be used: none, then these, in order. mknod of any is allowed (CAP_MKNOD), opening it is not. */
export const defaultDeviceRules: readonly DeviceRule[] = [
  rule(false, "a", "*", "*", "rwm"),
  rule(true, "c", "*", "*", "m"),
  rule(true, "b", "*", "*", "m"),
  rule(true, "c", 1, 3, "rwm"),
  rule(true, "c", 1, 5, "rwm"),
  rule(true, "c", 1, 7, "rwm"),
  rule(true, "c", 1, 8, "rwm"),
  rule(true, "c", 1, 9, "rwm"),
  rule(true, "c", 5, 0, "rwm"),
  rule(true, "c", 5, 1, "rwm"),
  rule(true, "c", 5, 2, "rwm"),
  rule(true, "c", 136, "*", "rwm"),
];

/** What `--tmpfs` begins with; later options win (docker: MergeTmpfsOptions). */
export const defaultTmpfsOptions: readonly string[] = ["noexec", "nosuid", "nodev"];

/** Sysctls that docker sets in a network namespace of its own: ping and ports below 1024 without privileges. */
export const defaultNetSysctls: Readonly<Record<string, string>> = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};
