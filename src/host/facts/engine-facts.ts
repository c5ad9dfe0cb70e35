/** What the engine finds out about itself and its host at its start. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, hostname, release } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../engine/containers/deps.ts";
import type { Cgroups } from "../../engine/ports.ts";
import type { VersionFacts } from "../../engine/system/version.ts";
import { defaultParents } from "../../isolation/cgroups/path.ts";
import type { UserNamespace } from "../../isolation/spec.ts";
import { capabilitiesOfMask } from "../../kernel/capabilities.ts";
import { parseProcessStatus } from "../../kernel/proc-stat.ts";
import type { ContainerOptions } from "../config/container-flags.ts";

const NODES = "/sys/devices/system/node/has_memory";

/** @param hostGateway address of the default bridge, "" without one */
export async function containerSettings(
  options: ContainerOptions & {
    cgroupParent: string;
    logDriver: string;
    logOptions: Record<string, string>;
    userNamespace?: UserNamespace | undefined;
    lab: boolean;
  },
  cgroups: Pick<Cgroups, "features" | "driver">,
  hostGateway: string,
): Promise<Settings> {
  const cgroupParent = options.cgroupParent || defaultParents[cgroups.driver];
  if (cgroups.driver === "systemd" && !/.\.slice$/.test(cgroupParent))
    throw new Error('cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"');
  return {
    cgroupParent,
    features: await cgroups.features(cgroupParent),
    cpus: availableParallelism(),
    // sysfs of a kernel without NUMA has no nodes: all memory is node 0 then.
    memoryNodes: existsSync(NODES) ? readFileSync(NODES, "utf8").trim() : "0",
    kernel: release(),
    capabilities: ownCapabilities(),
    hostHostname: hostname(),
    hostGateway,
    dns: options.dns,
    dnsOptions: options.dnsOptions,
    dnsSearch: options.dnsSearch,
    defaults: options.defaults,
    logConfig: { Type: options.logDriver, Config: options.logOptions },
    ...(options.userNamespace && { userNamespace: options.userNamespace }),
    lab: options.lab,
    apparmor: readText("/sys/module/apparmor/parameters/enabled").trim() === "Y",
    selinux: existsSync("/sys/fs/selinux/enforce"),
  };
}

/** A name of its own for the data root's engine, kept there: `docker info` shows it. */
export function engineId(dataRoot: string): string {
  const path = join(dataRoot, "engine-id");
  const kept = readText(path).trim();
  if (kept !== "") return kept;
  const id = randomUUID();
  writeFileSync(path, `${id}\n`, { mode: 0o600 });
  return id;
}

/** @param version of the engine, of package.json */
export function versionFacts(version: string): VersionFacts {
  return {
    version,
    gitCommit: "",
    buildTime: statSync(process.argv[1] ?? process.execPath).mtime.toISOString(),
    arch: { x64: "amd64" }[process.arch as string] ?? process.arch,
    kernelVersion: release(),
    launcherVersion: version,
  };
}

/** The group "docker", if the host has it, may use the socket, as with dockerd. */
export function socketGroup(): { gid?: number } {
  const line = /^docker:[^:]*:(\d+):/m.exec(readText("/etc/group"));
  return line ? { gid: Number(line[1]) } : {};
}

function ownCapabilities(): string[] {
  const mask = parseProcessStatus(readText("/proc/self/status")).CapBnd ?? "0";
  return capabilitiesOfMask(BigInt(`0x${mask}`));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
