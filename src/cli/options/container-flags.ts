import type { Ulimit } from "../../wire/container.ts";
import { ulimitOf } from "../../wire/ulimit.ts";
import { bool, bytes, cpus, custom, int, list, map, span, text, uint } from "../flags/flag.ts";
import * as check from "./checks.ts";
import { gpuRequests } from "./gpus.ts";
import { type Throttle, throttleOf, weightOf } from "./limits.ts";
import { mountOf } from "./mounts.ts";
import { type NetworkOption, networkOf } from "./networks.ts";
import { pullFlags } from "./pull-flags.ts";

const throttle = (names: string, help: string, read: (text: string) => Throttle) =>
  custom<Throttle[]>(names, help, "list", [], (value, before) => [...before, read(value)], { shown: "[]" });

/** How a container's processes are held: shared with `update`. */
export const resourceFlags = {
  blkioWeight: uint("blkio-weight", "Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)", 16),
  cpuPeriod: int("cpu-period", "Limit CPU CFS (Completely Fair Scheduler) period"),
  cpuQuota: int("cpu-quota", "Limit CPU CFS (Completely Fair Scheduler) quota"),
  cpuRtPeriod: int("cpu-rt-period", "Limit CPU real-time period in microseconds"),
  cpuRtRuntime: int("cpu-rt-runtime", "Limit CPU real-time runtime in microseconds"),
  cpuShares: int("cpu-shares,c", "CPU shares (relative weight)"),
  cpus: cpus("cpus", "Number of CPUs"),
  cpusetCpus: text("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
  cpusetMems: text("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
  memory: bytes("memory,m", "Memory limit"),
  memoryReservation: bytes("memory-reservation", "Memory soft limit"),
  memorySwap: bytes("memory-swap", "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", {
    minus1: true,
  }),
  kernelMemory: bytes("kernel-memory", "Kernel memory limit"),
  pidsLimit: int("pids-limit", "Tune container pids limit (set -1 for unlimited)"),
  restart: text("restart", "Restart policy to apply when a container exits", { fallback: "no" }),
};

/** All of `create`'s options that make up the container; `run` has them too. */
export const containerFlags = {
  ...pullFlags,
  ...resourceFlags,
  addHost: list("add-host", "Add a custom host-to-IP mapping (host:ip)", check.extraHost),
  egress: list("egress", "Allow nothing outside but this address, CIDR or name (none: nothing)", undefined, {
    hidden: true,
  }),
  annotation: map("annotation", "Add an annotation to the container (passed through to the OCI runtime)"),
  attach: list("attach,a", "Attach to STDIN, STDOUT or STDERR", check.attach),
  blkioWeightDevice: custom<{ Path: string; Weight: number }[]>(
    "blkio-weight-device",
    "Block IO weight (relative device weight)",
    "list",
    [],
    (value, before) => [...before, weightOf(value)],
    { shown: "[]" },
  ),
  capAdd: list("cap-add", "Add Linux capabilities"),
  capDrop: list("cap-drop", "Drop Linux capabilities"),
  cgroupParent: text("cgroup-parent", "Optional parent cgroup for the container"),
  cgroupns: text(
    "cgroupns",
    `Cgroup namespace to use (host|private)
'host':    Run the container in the Docker host's cgroup namespace
'private': Run the container in its own private cgroup namespace
'':        Use the cgroup namespace as configured by the
           default-cgroupns-mode option on the daemon (default)`,
  ),
  cidfile: text("cidfile", "Write the container ID to the file"),
  cpuCount: int("cpu-count", "CPU count (Windows only)"),
  cpuPercent: int("cpu-percent", "CPU percent (Windows only)"),
  device: list("device", "Add a host device to the container"),
  deviceCgroupRule: list("device-cgroup-rule", "Add a rule to the cgroup allowed devices list", check.deviceRule),
  deviceReadBps: throttle("device-read-bps", "Limit read rate (bytes per second) from a device", (v) =>
    throttleOf(v, true),
  ),
  deviceReadIops: throttle("device-read-iops", "Limit read rate (IO per second) from a device", (v) =>
    throttleOf(v, false),
  ),
  deviceWriteBps: throttle("device-write-bps", "Limit write rate (bytes per second) to a device", (v) =>
    throttleOf(v, true),
  ),
  deviceWriteIops: throttle("device-write-iops", "Limit write rate (IO per second) to a device", (v) =>
    throttleOf(v, false),
  ),
  dns: list("dns", "Set custom DNS servers", check.ipAddress),
  dnsOption: list("dns-option", "Set DNS options"),
  dnsOpt: list("dns-opt", "Set DNS options", undefined, { hidden: true }),
  dnsSearch: list("dns-search", "Set custom DNS search domains", check.dnsSearch),
  domainname: text("domainname", "Container NIS domain name"),
  entrypoint: text("entrypoint", "Overwrite the default ENTRYPOINT of the image"),
  env: list("env,e", "Set environment variables", check.env),
  envFile: list("env-file", "Read in a file of environment variables"),
  expose: list("expose", "Expose a port or a range of ports"),
  gpus: custom(
    "gpus",
    "GPU devices to add to the container ('all' to pass all GPUs)",
    "gpu-request",
    gpuRequests.none,
    gpuRequests.read,
  ),
  groupAdd: list("group-add", "Add additional groups to join"),
  healthCmd: text("health-cmd", "Command to run to check health"),
  healthInterval: span("health-interval", "Time between running the check (ms|s|m|h)"),
  healthRetries: int("health-retries", "Consecutive failures needed to report unhealthy"),
  healthStartInterval: span(
    "health-start-interval",
    "Time between running the check during the start period (ms|s|m|h)",
  ),
  healthStartPeriod: span(
    "health-start-period",
    "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h)",
  ),
  healthTimeout: span("health-timeout", "Maximum time to allow one check to run (ms|s|m|h)"),
  help: bool("help", "Print usage"),
  hostname: text("hostname,h", "Container host name"),
  init: bool("init", "Run an init inside the container that forwards signals and reaps processes"),
  interactive: bool("interactive,i", "Keep STDIN open even if not attached"),
  ioMaxbandwidth: bytes("io-maxbandwidth", "Maximum IO bandwidth limit for the system drive (Windows only)"),
  ioMaxiops: uint("io-maxiops", "Maximum IOps limit for the system drive (Windows only)", 64),
  ip: text("ip", "IPv4 address (e.g., 172.30.100.104)"),
  ip6: text("ip6", "IPv6 address (e.g., 2001:db8::33)"),
  ipc: text("ipc", "IPC mode to use"),
  isolation: text("isolation", "Container isolation technology"),
  label: list("label,l", "Set meta data on a container", check.label),
  labelFile: list("label-file", "Read in a line delimited file of labels"),
  link: list("link", "Add link to another container", check.link),
  linkLocalIp: list("link-local-ip", "Container IPv4/IPv6 link-local addresses"),
  logDriver: text("log-driver", "Logging driver for the container"),
  logOpt: list("log-opt", "Log driver options"),
  macAddress: text("mac-address", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
  memorySwappiness: int("memory-swappiness", "Tune container memory swappiness (0 to 100)", {
    fallback: -1,
    shown: "-1",
  }),
  mount: custom<ReturnType<typeof mountOf>[]>(
    "mount",
    "Attach a filesystem mount to the container",
    "mount",
    [],
    (value, before) => [...before, mountOf(value)],
  ),
  name: text("name", "Assign a name to the container"),
  network: custom<NetworkOption[]>("network", "Connect a container to a network", "network", [], (value, before) => [
    ...before,
    networkOf(value),
  ]),
  net: custom<NetworkOption[]>(
    "net",
    "Connect a container to a network",
    "network",
    [],
    (value, before) => [...before, networkOf(value)],
    { hidden: true },
  ),
  networkAlias: list("network-alias", "Add network-scoped alias for the container"),
  netAlias: list("net-alias", "Add network-scoped alias for the container", undefined, { hidden: true }),
  noHealthcheck: bool("no-healthcheck", "Disable any container-specified HEALTHCHECK"),
  oomKillDisable: bool("oom-kill-disable", "Disable OOM Killer"),
  oomScoreAdj: int("oom-score-adj", "Tune host's OOM preferences (-1000 to 1000)"),
  pid: text("pid", "PID namespace to use"),
  privileged: bool("privileged", "Give extended privileges to this container"),
  publish: list("publish,p", "Publish a container's port(s) to the host"),
  publishAll: bool("publish-all,P", "Publish all exposed ports to random ports"),
  readOnly: bool("read-only", "Mount the container's root filesystem as read only"),
  rm: bool("rm", "Automatically remove the container and its associated anonymous volumes when it exits"),
  runtime: text("runtime", "Runtime to use for this container"),
  securityOpt: list("security-opt", "Security Options"),
  shmSize: bytes("shm-size", "Size of /dev/shm"),
  stopSignal: text("stop-signal", "Signal to stop the container"),
  stopTimeout: int("stop-timeout", "Timeout (in seconds) to stop a container"),
  storageOpt: list("storage-opt", "Storage driver options for the container"),
  sysctl: map("sysctl", "Sysctl options", check.sysctl),
  tmpfs: list("tmpfs", "Mount a tmpfs directory"),
  tty: bool("tty,t", "Allocate a pseudo-TTY"),
  ulimit: custom<Record<string, Ulimit>>(
    "ulimit",
    "Ulimit options",
    "ulimit",
    {},
    (value, before) => {
      const limit = ulimitOf(value);
      return { ...before, [limit.Name]: limit };
    },
    { shown: "[]" },
  ),
  useApiSocket: bool("use-api-socket", "Bind mount Docker API socket and required auth"),
  user: text("user,u", "Username or UID (format: <name|uid>[:<group|gid>])"),
  userns: text("userns", "User namespace to use"),
  uts: text("uts", "UTS namespace to use"),
  volume: list("volume,v", "Bind mount a volume"),
  volumeDriver: text("volume-driver", "Optional volume driver for the container"),
  volumesFrom: list("volumes-from", "Mount volumes from the specified container(s)"),
  workdir: text("workdir,w", "Working directory inside the container"),
};
