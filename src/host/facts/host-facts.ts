/** What the machine is: for `docker info` and `docker version`. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, hostname, machine, release, totalmem } from "node:os";
import type { HostFacts } from "../../engine/system/info.ts";

/** @param dataRoot its file system is named */
export function hostFacts(dataRoot: string): HostFacts {
  const os = parseOsRelease(readText("/etc/os-release") ?? readText("/usr/lib/os-release") ?? "");
  return {
    hostname: hostname(),
    kernelVersion: release(),
    operatingSystem: os.PRETTY_NAME ?? "Linux",
    osVersion: os.VERSION_ID ?? "",
    machine: machine(),
    cpus: availableParallelism(),
    memory: totalmem(),
    ipv4Forwarding: readText("/proc/sys/net/ipv4/ip_forward")?.trim() === "1",
    backingFilesystem: filesystemName(dataRoot),
    apparmor: readText("/sys/module/apparmor/parameters/enabled")?.trim() === "Y",
  };
}

/** os-release(5): shell assignments. */
function parseOsRelease(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm)];
  return Object.fromEntries(pairs.map(([, name, double, single, bare]) => [name, double ?? single ?? bare ?? ""]));
}

// statfs(2), as dockerd names them.
const FILESYSTEMS = new Map([
  [0xef53, "extfs"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlayfs"],
  [0x2fc12fc1, "zfs"],
  [0x01021997, "v9fs"],
]);

function filesystemName(path: string): string {
  return FILESYSTEMS.get(statfsSync(path).type) ?? "unknown";
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
