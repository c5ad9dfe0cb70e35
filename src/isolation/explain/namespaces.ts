/** Namespaces, cgroups, network, settings. */
import { basename, dirname } from "node:path";
import { namespaceNames } from "../../kernel/namespaces.ts";
import { type Explainers, list, quote } from "./explainer.ts";

/** A scope that is delegated, around one process, by systemd's bus interface. Words are for the shell already. */
export function startScope({ unit, slice, keeper }: { unit: string; slice: string; keeper: string }): string {
  const manager = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager";
  return `busctl call ${manager} StartTransientUnit 'ssa(sv)a(sa(sv))' ${unit} fail 3 PIDs au 1 "${keeper}" Slice s ${quote(slice)} Delegate b true 0`;
}

/** Words of unshare(1) and nsenter(1). */
const options: Readonly<Record<string, string>> = { mnt: "mount" };
const spoken: Readonly<Record<string, string>> = { pid: "PID", uts: "UTS", ipc: "IPC", net: "network" };
const names = (flags: number) => namespaceNames(flags).map((name) => options[name] ?? name);
const flagsFor = (flags: number) =>
  names(flags)
    .map((name) => `--${name}`)
    .join(" ");
const namespaces = (flags: number) => {
  const words = names(flags).map((name) => spoken[name] ?? name);
  return `${list(words)} ${words.length === 1 ? "namespace" : "namespaces"}`;
};

export const isolation = {
  open_process: ({ slot, pid }) => ({
    sentence: `Take hold of process ${pid} by a descriptor, and check by its start time that the number has not gone to another one.`,
    manPage: "pidfd_open(2)",
    shell: `process${slot}=${pid}`,
  }),
  setns: ({ slot, flags }) => ({
    sentence: `Enter the ${namespaces(flags)} of that process.`,
    manPage: "setns(2)",
    shell: `nsenter --target "$process${slot}" ${flagsFor(flags)} program`,
    dependsOn: "The process is held open, so that it cannot be exchanged for another one.",
  }),
  setns_path: ({ path, flags }) => ({
    sentence: `Enter the ${namespaces(flags)} that ${path} stands for.`,
    manPage: "setns(2)",
    shell: `nsenter --${names(flags)[0] ?? "net"}=${quote(path)} program`,
  }),
  chroot_process: ({ slot }) => ({
    sentence:
      "Make the container's root directory ours; entering its mount namespace alone may leave us outside of it.",
    manPage: "chroot(2)",
    shell: `nsenter --target "$process${slot}" --root program`,
    dependsOn: "The mount namespace is entered; the directory was opened before.",
  }),
  child_setns: ({ slot, flags }) => ({
    sentence: `Have the child born in the ${namespaces(flags)} of that process: an envoy enters, makes it there and ends.`,
    manPage: "user_namespaces(7)",
    shell: `nsenter --target "$process${slot}" ${flagsFor(flags)} --no-fork unshare --fork program`,
    dependsOn:
      "The process is held open. Who enters a user namespace has no power over the host any more, so the launcher does not go itself.",
  }),
  clone: ({ flags }) => ({
    sentence: flags
      ? `Make the child process, with new ${namespaces(flags)}; it waits until the host's part is done.`
      : "Make the child process; it waits until the host's part is done.",
    manPage: "clone(2)",
    shell: flags ? `unshare --fork ${flagsFor(flags)} program` : "program &",
    dependsOn: "The limits are written: the child must never run without them.",
  }),
  hand_over: () => ({
    sentence:
      "End, and go on as a new child of the launcher's, which is born inside the PID namespace: only now can processes in there see it.",
    manPage: "clone(2)",
    shell: 'nsenter --target "$process0" --pid program',
    dependsOn: "Power is given away, and nothing of the host is open: processes inside may be allowed to trace.",
  }),
  unshare: ({ flags }) => ({
    sentence: `Leave the host's ${namespaces(flags)} for new ones.`,
    manPage: "unshare(2)",
    shell: `unshare ${flagsFor(flags)} program`,
    dependsOn: "The cgroups are joined: the root of a cgroup namespace is where its maker stands.",
  }),
  cgroup_create: ({ path }) => ({
    sentence: `Make the cgroup ${path}.`,
    manPage: "cgroups(7)",
    shell: `mkdir -p ${quote(path)}`,
  }),
  cgroup_keep: ({ path, keeper }) => ({
    sentence: `Make a process that does nothing, the keeper; the engine has systemd start the scope ${basename(path)} around it, which makes the cgroup ${path} with its limits. Then the keeper moves into ${keeper} below: while it is there, systemd does not remove the cgroup.`,
    manPage: "org.freedesktop.systemd1(5)",
    shell: startScope({ unit: basename(path), slice: basename(dirname(path)), keeper: "$keeper" }),
    dependsOn: "systemd is the only one that makes cgroups in its part of the tree; it wants a process to begin with.",
  }),
  cgroup_join: ({ path }) => ({
    sentence: `Move into the cgroup ${path}: from here on its limits hold, for all children too.`,
    manPage: "cgroups(7)",
    shell: `echo $$ > ${quote(`${path}/cgroup.procs`)}`,
    dependsOn: "The cgroup is there and its limits are written.",
  }),
  cgroup_device_program: ({ path, program }) => ({
    sentence: `Let a program of ${program.byteLength / 8} instructions decide which devices the cgroup ${path} may open.`,
    manPage: "bpf(2)",
    shell: `bpftool cgroup attach ${quote(path)} device id "$program"`,
  }),
  write_file: ({ path, data }) => ({
    sentence: `Write "${data.trim()}" to ${path}.`,
    manPage: path.includes("cgroup") ? "cgroups(7)" : "write(2)",
    shell: `echo ${quote(data.trim())} > ${quote(path)}`,
  }),
  write_proc: ({ path, data }) => ({
    sentence: path.endsWith("/oom_score_adj")
      ? `Tell the kernel how readily to kill this process when memory runs out: ${data}.`
      : `Set the kernel parameter ${path.replace(/^\/proc\/sys\//, "").replaceAll("/", ".")} to "${data}", in our namespaces only.`,
    manPage: path.endsWith("/oom_score_adj") ? "proc_pid_oom_score_adj(5)" : "proc_sys(5)",
    shell: `echo ${quote(data)} > ${quote(path)}`,
    dependsOn: "The namespaces are ours; /proc is still the host's, which nobody can have tampered with.",
  }),
  write_child_proc: ({ path, data }) => ({
    sentence: `Map the child's ${path === "gid_map" ? "group" : "user"} ids to the host's (${path}: ${data.trim()}).`,
    manPage: "user_namespaces(7)",
    shell: `echo ${quote(data.trim())} > /proc/$child/${path}`,
    dependsOn: "The child is in its new user namespace, and does nothing there before it has ids.",
  }),
  netlink: ({ label, messages }) => ({
    sentence: `Set up the network: ${label} (${messages.byteLength} bytes of netlink messages).`,
    manPage: "rtnetlink(7)",
    shell: `ip -batch - # ${label}`,
    dependsOn: "The container's network namespace is there.",
  }),
  sethostname: ({ name }) => ({
    sentence: `Set the host name to ${name}, in our UTS namespace only.`,
    manPage: "sethostname(2)",
    shell: `hostname ${quote(name)}`,
    dependsOn: "The UTS namespace is new: else the host would be renamed.",
  }),
  setdomainname: ({ name }) => ({
    sentence: `Set the NIS domain name to ${name}, in our UTS namespace only.`,
    manPage: "setdomainname(2)",
    shell: `domainname ${quote(name)}`,
    dependsOn: "The UTS namespace is new: else the host's would change.",
  }),
} satisfies Partial<Explainers>;
