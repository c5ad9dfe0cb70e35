/**
 * A plan with one part left out, to show what that part is for: a teacher's tool. Pure.
 *
 * What would let the container's root change the host is not among them: capabilities, device rules, read-only paths below /proc
 * and /sys, the root itself.
 */
import type { IsolationSpec, Resources } from "./spec.ts";

export type Step = {
  name: string;
  /** what is then to be seen, in a sentence */
  leaks: string;
  /** what a shell inside can print to show it, with and without */
  look: string;
  leave(spec: IsolationSpec): IsolationSpec;
};

const namespace = (kind: "pid" | "uts" | "ipc" | "net" | "cgroup", leaks: string, look: string): Step => ({
  name: `${kind}-namespace`,
  leaks,
  look,
  leave: (spec) => ({ ...spec, namespaces: { ...spec.namespaces, [kind]: "host" } }),
});
const limit = (name: string, [leaks, look]: [leaks: string, look: string], ...keys: (keyof Resources)[]): Step => ({
  name,
  leaks,
  look,
  leave(spec) {
    const resources = { ...spec.cgroup.resources };
    for (const key of keys) delete resources[key];
    return { ...spec, cgroup: { ...spec.cgroup, resources } };
  },
});

const HOST_NAME = 'echo "host name: $(cat /proc/sys/kernel/hostname)"';

export const STEPS: readonly Step[] = [
  namespace(
    "pid",
    "it sees every process of the host, and as root may signal them",
    String.raw`echo "processes in sight: $(ls -d /proc/[0-9]* | wc -l); PID 1 is: $(tr "\0" " " < /proc/1/cmdline)"`,
  ),
  namespace(
    "net",
    "it sees and uses the host's network interfaces, and can reach what listens on the host's loopback",
    String.raw`echo "interfaces: $(sed -n "3,\$s/:.*//p" /proc/net/dev | tr -d " " | sort | tr "\n" " ")"`,
  ),
  namespace("uts", "its host name is the host's, and changes with it", HOST_NAME),
  namespace(
    "ipc",
    "it sees the host's System V shared memory, semaphores and message queues",
    'echo "IPC namespace: $(readlink /proc/self/ns/ipc), shared memory segments: $(($(wc -l < /proc/sysvipc/shm) - 1))"',
  ),
  namespace(
    "cgroup",
    "it sees the path of its cgroup from the host's root, and with it its id and who made it",
    'grep -E "memory|^0:" /proc/self/cgroup',
  ),
  {
    name: "hostname",
    leaks: "it has a UTS namespace of its own, but nobody named it: the copy still has the host's name",
    look: HOST_NAME,
    leave: (spec) => ({ ...spec, hostname: "", domainname: "" }),
  },
  {
    name: "masked-paths",
    leaks: "files of the kernel that tell of the whole host, such as /proc/keys and /proc/timer_list, can be read",
    look: 'for f in /proc/keys /proc/timer_list /proc/interrupts; do [ -e $f ] && echo "$f: $(wc -c < $f) bytes"; done; true',
    leave: (spec) => ({ ...spec, maskedPaths: [] }),
  },
  {
    name: "seccomp",
    leaks: "every system call reaches the kernel: it can make user namespaces, and root in them, for instance",
    look: 'grep Seccomp: /proc/self/status; unshare -U true 2> /dev/null && echo "a user namespace: made" || echo "a user namespace: refused"',
    leave: (spec) => ({ ...spec, process: { ...spec.process, seccomp: null } }),
  },
  limit(
    "memory-limit",
    [
      "it may use all memory of the host, until the kernel kills somebody else's processes",
      'echo "memory limit: $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2> /dev/null)"',
    ],
    "memory",
    "memorySwap",
    "memoryReservation",
  ),
  limit(
    "cpu-limit",
    [
      "it may use every CPU for as long as it likes",
      'echo "CPU quota: $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2> /dev/null)"',
    ],
    "cpuQuota",
    "cpuPeriod",
  ),
  limit(
    "pids-limit",
    [
      "it may fork until the host has no process ids left",
      'echo "limit of processes: $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null)"',
    ],
    "pidsLimit",
  ),
];

/** @throws RangeError when there is no such step, naming those that there are */
export function without(names: readonly string[], spec: IsolationSpec): IsolationSpec {
  return names.map(stepNamed).reduce((left, step) => step.leave(left), spec);
}

/** @throws RangeError */
export function stepNamed(name: string): Step {
  const step = STEPS.find((it) => it.name === name);
  if (step) return step;
  throw new RangeError(`no step is called "${name}": there are ${STEPS.map((it) => it.name).join(", ")}`);
}
