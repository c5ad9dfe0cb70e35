/** A spec as a plain `docker run` has it: what tests and labs start from. */
import {
  defaultCapabilities,
  defaultDeviceRules,
  defaultMaskedPaths,
  defaultNetSysctls,
  defaultPath,
  defaultReadonlyPaths,
  defaultShmSize,
} from "./defaults.ts";
import type { ExecSpec, IsolationSpec, ProcessSpec } from "./spec.ts";

/** @param changes laid over the sample, whole fields at a time */
export function sampleSpec(changes: Partial<IsolationSpec> = {}): IsolationSpec {
  return {
    hostname: "box",
    domainname: "",
    namespaces: { pid: "new", mnt: "new", uts: "new", ipc: "new", net: "new", cgroup: "host" },
    rootfs: {
      source: { type: "overlay", base: "/data/layers", lowers: ["b", "a"], upper: "u", work: "w", volatile: false },
      mountpoint: "/run/root",
      readonly: false,
    },
    mounts: [],
    shmSize: defaultShmSize,
    devices: [],
    privileged: false,
    maskedPaths: [...defaultMaskedPaths],
    readonlyPaths: [...defaultReadonlyPaths],
    sysctls: { ...defaultNetSysctls },
    cgroup: {
      layout: { version: "v2", mountpoint: "/sys/fs/cgroup", controllers: ["cpu", "memory", "pids"] },
      path: "/docker/box",
      resources: {},
      deviceRules: [...defaultDeviceRules],
    },
    network: { host: [], container: [] },
    process: sampleProcess(),
    monitor: { socket: "/run/box.sock", exitRecord: "/run/box.exit", log: null, attached: false },
    ...changes,
  };
}

export function sampleProcess(changes: Partial<ProcessSpec> = {}): ProcessSpec {
  const capabilities = [...defaultCapabilities];
  return {
    argv: ["sh"],
    env: [`PATH=${defaultPath}`],
    cwd: "/",
    uid: 0,
    gid: 0,
    groups: [0],
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: [],
      ambient: [],
    },
    noNewPrivileges: false,
    rlimits: [],
    oomScoreAdj: 0,
    seccomp: null,
    terminal: null,
    stdin: false,
    stdinOnce: false,
    init: false,
    ...changes,
  };
}

export function sampleExec(changes: Partial<ExecSpec> = {}): ExecSpec {
  return {
    target: { pid: 4711, startTime: 81233 },
    namespaces: { pid: true, mnt: true, uts: true, ipc: true, net: true, cgroup: false, user: false },
    cgroup: {
      layout: { version: "v2", mountpoint: "/sys/fs/cgroup", controllers: [] },
      path: "/docker/box",
    },
    mayBeTraced: true,
    process: sampleProcess(),
    monitor: { socket: "/run/exec.sock", exitRecord: "", log: null, attached: true },
    ...changes,
  };
}
