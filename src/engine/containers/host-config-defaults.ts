/** What dockerd makes of the options that a client left open. */
import {
  defaultMaskedPaths,
  defaultReadonlyPaths,
  defaultShmSize,
  dynamicDebugPath,
  thermalThrottlePaths,
} from "../../isolation/defaults.ts";
import type { HostConfig } from "../../wire/container.ts";
import type { ContainerDefaults, Deps } from "./deps.ts";
import { withLogDefaults } from "./log-drivers.ts";
import { parseSecurityOptions } from "./security-options.ts";

/** HostConfig as dockerd completes it. */
export function withDefaults(deps: Pick<Deps, "settings" | "cgroups" | "paths">, host: HostConfig): HostConfig {
  const { settings, cgroups } = deps;
  const { systemPathsUnconfined } = parseSecurityOptions(host.SecurityOpt ?? [], host.Privileged, settings);
  const v1 = cgroups.layout.version === "v1";
  const limited = host.Memory > 0 && host.MemorySwap === 0;
  return {
    ...host,
    LogConfig: withLogDefaults(host.LogConfig, settings.logConfig),
    NetworkMode: ["", "default"].includes(host.NetworkMode) ? "bridge" : host.NetworkMode,
    IpcMode: host.IpcMode || settings.defaults.ipcMode || "private",
    CgroupnsMode: host.CgroupnsMode || cgroupNamespace(v1, host.Privileged, settings.defaults),
    ShmSize: host.ShmSize || settings.defaults.shmSize || defaultShmSize,
    Runtime: "runc",
    MemorySwap: limited ? host.Memory * 2 : host.MemorySwap,
    SecurityOpt: securityOptions(host),
    MemorySwappiness: (host.MemorySwappiness ?? -1) < 0 ? null : host.MemorySwappiness,
    OomKillDisable: v1 ? (host.OomKillDisable ?? false) : null,
    PidsLimit: (host.PidsLimit ?? 0) > 0 ? host.PidsLimit : null,
    MaskedPaths: systemPathsUnconfined ? null : (host.MaskedPaths ?? maskedPaths(deps)),
    ReadonlyPaths: systemPathsUnconfined ? null : (host.ReadonlyPaths ?? [...defaultReadonlyPaths]),
  };
}

/** Privileged containers see the host's hierarchy on v1 hosts, whatever the others get there. */
function cgroupNamespace(v1: boolean, privileged: boolean, defaults: ContainerDefaults): "host" | "private" {
  if (v1 && privileged) return "host";
  return defaults.cgroupnsMode || (v1 ? "host" : "private");
}

function maskedPaths({ settings, paths }: Pick<Deps, "settings" | "paths">): string[] {
  const ofThisKernel = [...thermalThrottlePaths(settings.cpus), dynamicDebugPath];
  return [...defaultMaskedPaths, ...ofThisKernel.filter((path) => paths.kind(path) !== undefined)];
}

/** Docker takes SELinux's labels from containers that see the host's processes or memory, whether or not there is SELinux. */
function securityOptions({ SecurityOpt: given, Privileged, PidMode, IpcMode }: HostConfig): string[] | null {
  const open = Privileged || PidMode === "host" || IpcMode === "host";
  if (!open || given?.some((option) => option.startsWith("label"))) return given;
  return [...(given ?? []), "label=disable"];
}
