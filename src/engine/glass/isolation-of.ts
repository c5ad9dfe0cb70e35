/** What stands between a process and the host, and what it is held to; in sentences. */
import { capabilityNames } from "../../kernel/capabilities.ts";
import type { CgroupNode, LimitView, NamespaceKind, ProcessView, WhoisAnswer } from "../../wire/glass.ts";
import type { GlassHost, Observed } from "./ports.ts";

const WALLS: Readonly<Record<NamespaceKind, [own: string, shared: string]>> = {
  user: [
    "its user ids are not the host's",
    "its user ids are the host's: root inside is root outside, but for what follows",
  ],
  mnt: ["it sees mounts and a root of its own", "it sees the host's mounts"],
  pid: ["it sees only the processes of its own PID namespace", "it sees all processes of the host"],
  uts: ["it has a host name of its own", "its host name is the host's"],
  ipc: [
    "its shared memory and message queues are its own",
    "it shares System V memory and message queues with the host",
  ],
  net: ["it has network interfaces of its own", "it uses the host's network interfaces"],
  cgroup: ["it sees its cgroup as the root of the tree", "it sees the host's whole cgroup tree by name"],
  time: ["its clocks have an offset of their own", "its clocks are the host's"],
};

export function isolationOf(process: ProcessView): WhoisAnswer["isolation"] {
  const walls = process.namespaces.map(({ kind, host, inode, with: others }) => ({
    what: `${kind} namespace`,
    holds: !host,
    detail: `${WALLS[kind][host ? 1 : 0]} (${inode}${others.length ? `, shared with ${others.join(", ")}` : ""})`,
  }));
  const { effective, bounding } = process.capabilities;
  const lacking = capabilityNames.length - bounding.length;
  return [
    ...(walls.length > 0 ? walls : [{ what: "namespaces", holds: false, detail: whyNoNamespaces(process) }]),
    {
      what: "capabilities",
      holds: lacking > 0,
      detail:
        lacking > 0
          ? `${effective.length} of root's ${capabilityNames.length} powers now, ${bounding.length} at most`
          : `nothing is taken from what root may do; it has ${effective.length} of ${capabilityNames.length} now`,
    },
    {
      what: "system call filter",
      holds: process.seccomp.mode !== "none",
      detail:
        process.seccomp.mode === "none"
          ? "every system call may be made"
          : `seccomp mode ${process.seccomp.mode}${process.seccomp.filters ? `, ${process.seccomp.filters} filter${process.seccomp.filters > 1 ? "s" : ""}` : ""}`,
    },
    {
      what: "no new privileges",
      holds: process.noNewPrivileges,
      detail: process.noNewPrivileges
        ? "no program it runs can give it more power"
        : "a setuid program may give it the power that the bounding set leaves",
    },
  ];
}

/** An empty answer says why. */
const whyNoNamespaces = ({ state, pid }: ProcessView) =>
  state === "Z"
    ? "unknown: it has ended and waits for its parent to take note (a zombie has none any more)"
    : `unknown: /proc/${pid}/ns may not be read, which takes CAP_SYS_PTRACE over that process`;

/** Limits of its cgroup and of all above: each of them holds. */
export async function limitsOf(host: Pick<GlassHost, "cgroup">, process: Observed): Promise<LimitView[]> {
  const paths = new Set(process.cgroups.flatMap(({ path }) => withParents(path)));
  const nodes = await Promise.all([...paths].map((path) => host.cgroup(path)));
  return nodes.flatMap((node) => (node === undefined ? [] : limitsOfNode(node)));
}

/** "/a/b" -> /a/b, /a */
function withParents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return parts.map((_, at) => `/${parts.slice(0, parts.length - at).join("/")}`);
}

function limitsOfNode({ path, memory, cpu, pids }: CgroupNode): LimitView[] {
  const limits: LimitView[] = [];
  const add = (name: string, file: string, value: string) => limits.push({ name, file, value, at: path });
  if (memory?.limit !== undefined) add("memory", "memory.limit_in_bytes | memory.max", `${memory.limit} bytes`);
  if (cpu?.quota !== undefined && cpu.period)
    add(
      "cpu",
      "cpu.cfs_quota_us | cpu.max",
      `${Number((cpu.quota / cpu.period).toFixed(3))} CPUs (${cpu.quota} µs in each ${cpu.period} µs)`,
    );
  if (pids?.limit !== undefined) add("pids", "pids.max", `${pids.limit} processes and threads`);
  return limits;
}
