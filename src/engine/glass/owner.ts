/** Whose a process is: container engines name their cgroups after the container. Pure. */
import type { Owner } from "../../wire/glass.ts";

type Known = { id: string; name: string; cgroupPath: string };
type Cgroup = { controllers: string; path: string };

/** Engines by the path of the cgroup; the first that fits. `id` and `pod` are named groups. */
const PATTERNS: readonly [Owner["kind"], RegExp][] = [
  // cgroupfs: /kubepods/burstable/podUID/ID; systemd: …/kubepods-burstable-podUID.slice/cri-containerd-ID.scope
  [
    "kubernetes",
    /kubepods.*?[/-]pod(?<pod>[0-9a-f_-]{32,36})(?:\.slice)?\/(?:cri-containerd-|crio-|docker-)?(?<id>[0-9a-f]{64})(?:\.scope)?/,
  ],
  ["podman", /\/libpod-(?!conmon-)(?:payload-)?(?<id>[0-9a-f]{64})(?:\.scope)?/],
  ["podman", /\/libpod_parent\/libpod-(?<id>[0-9a-f]{64})/],
  ["docker", /\/docker-(?<id>[0-9a-f]{64})\.scope/],
  ["docker", /\/docker\/(?<id>[0-9a-f]{64})/],
  ["containerd", /\/(?:nerdctl|cri-containerd)-(?<id>[0-9a-f]{64})\.scope/],
  ["containerd", /^\/(?:default|k8s\.io|moby)\/(?<id>[0-9a-f]{64})/],
  ["nspawn", /\/(?:systemd-nspawn@|machine-)(?<id>[^/]+?)\.(?:service|scope)/],
  ["lxc", /\/lxc(?:\.payload[./]|\/)(?<id>[^/]+)/],
];

/**
 * @param cgroups lines of /proc/PID/cgroup
 * @param known this engine's containers
 * @param own.separate how many of its namespaces are not the host's; absent: unknown
 */
export function ownerOf(cgroups: readonly Cgroup[], known: readonly Known[], own?: { separate: number }): Owner {
  for (const { path } of cgroups) {
    const mine = known.find(({ cgroupPath }) => path === cgroupPath || path.startsWith(`${cgroupPath}/`));
    if (mine)
      return { kind: "cloche", id: mine.id, name: mine.name, because: `its cgroup is ${path}, which this engine made` };
  }
  for (const [kind, pattern] of PATTERNS) {
    for (const { path } of cgroups) {
      const found = pattern.exec(path)?.groups;
      if (!found) continue;
      const { id, pod } = found;
      return {
        kind,
        ...(id && { id }),
        ...(pod && { pod: pod.replaceAll("_", "-") }),
        because: `its cgroup is ${path}`,
      };
    }
  }
  if (own !== undefined && own.separate > 0)
    return { kind: "unknown", because: "it has namespaces of its own, but no cgroup whose name tells who made it" };
  return { kind: "host", because: "it shares the host's namespaces, and no container engine's cgroup holds it" };
}

/** "pinger", "docker:78b0c96fe3b0", "host" */
export function ownerText({ kind, name, id }: Owner): string {
  if (name !== undefined) return name;
  return id === undefined ? kind : `${kind}:${/^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id}`;
}
