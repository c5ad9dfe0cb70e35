/** Options of build, with docker's words for them. */

import type { Ulimit } from "../../wire/container.ts";
import { ulimitOf } from "../../wire/ulimit.ts";
import { bool, bytes, custom, int, list, strings, text } from "../flags/flag.ts";
import { checkReference } from "../text/reference.ts";
import { extraHost, label } from "./checks.ts";

export const buildFlags = {
  addHost: list("add-host", 'Add a custom host-to-IP mapping ("host:ip")', extraHost),
  buildArg: list("build-arg", "Set build-time variables"),
  cacheFrom: strings("cache-from", "Images to consider as cache sources"),
  cgroupParent: text("cgroup-parent", 'Set the parent cgroup for the "RUN" instructions during build'),
  compress: bool("compress", "Compress the build context using gzip"),
  cpuPeriod: int("cpu-period", "Limit the CPU CFS (Completely Fair Scheduler) period"),
  cpuQuota: int("cpu-quota", "Limit the CPU CFS (Completely Fair Scheduler) quota"),
  cpuShares: int("cpu-shares,c", "CPU shares (relative weight)"),
  cpusetCpus: text("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
  cpusetMems: text("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
  disableContentTrust: bool("disable-content-trust", "Skip image verification", { fallback: true }),
  file: text("file,f", 'Name of the Dockerfile (Default is "PATH/Dockerfile")'),
  forceRm: bool("force-rm", "Always remove intermediate containers"),
  iidfile: text("iidfile", "Write the image ID to the file"),
  isolation: text("isolation", "Container isolation technology"),
  label: list("label", "Set metadata for an image", label),
  memory: bytes("memory,m", "Memory limit"),
  memorySwap: bytes("memory-swap", "Swap limit equal to memory plus swap: -1 to enable unlimited swap", {
    minus1: true,
  }),
  network: text("network", "Set the networking mode for the RUN instructions during build", { shown: '"default"' }),
  noCache: bool("no-cache", "Do not use cache when building the image"),
  platform: text("platform", "Set platform if server is multi-platform capable"),
  pull: bool("pull", "Always attempt to pull a newer version of the image"),
  quiet: bool("quiet,q", "Suppress the build output and print image ID on success"),
  rm: bool("rm", "Remove intermediate containers after a successful build", { fallback: true }),
  securityOpt: strings("security-opt", "Security options"),
  shmSize: bytes("shm-size", 'Size of "/dev/shm"'),
  squash: bool("squash", "Squash newly built layers into a single new layer"),
  tag: list("tag,t", 'Name and optionally a tag in the "name:tag" format', (value) => {
    checkReference(value);
    return value;
  }),
  target: text("target", "Set the target build stage to build."),
  ulimit: custom<Ulimit[]>(
    "ulimit",
    "Ulimit options",
    "ulimit",
    [],
    (value, previous) => {
      const limit = ulimitOf(value);
      return [...previous.filter(({ Name }) => Name !== limit.Name), limit];
    },
    { shown: "[]" },
  ),
};
