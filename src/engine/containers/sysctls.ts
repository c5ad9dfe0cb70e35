/** Which sysctls a container may set: those that its own namespaces hold. */
import { defaultNetSysctls } from "../../isolation/defaults.ts";
import type { HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import { ownsNetwork } from "./modes.ts";

type Modes = Pick<HostConfig, "NetworkMode" | "IpcMode" | "UTSMode" | "Sysctls">;

const IPC = [
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
];

/** Throws invalid, in docker's words (a shared namespace) and runc's (a sysctl of no namespace). */
export function checkSysctls(host: Modes): void {
  for (const name of Object.keys(host.Sysctls ?? {})) {
    const dotted = name.replaceAll("/", ".");
    if (!/^[a-z0-9_.-]+$/i.test(dotted) || dotted.includes("..")) throw invalid(`sysctl '${name}' is not whitelisted`);
    if (dotted.startsWith("net.")) {
      if (host.NetworkMode === "host") throw invalid(`sysctl '${name}' not allowed in host network namespace`);
    } else if (IPC.includes(dotted) || dotted.startsWith("fs.mqueue.")) {
      if (host.IpcMode === "host") throw invalid(`sysctl '${name}' not allowed in host ipc namespace`);
    } else if (dotted === "kernel.domainname" || dotted === "kernel.hostname") {
      if (host.UTSMode === "host" || dotted === "kernel.hostname") {
        throw invalid(`sysctl '${name}' is not allowed: it conflicts with the OCI hostname field`);
      }
    } else {
      throw invalid(`sysctl "${name}" is not in a separate kernel namespace`);
    }
  }
}

/**
 * The user's over docker's defaults for a network namespace of the container's own.
 * @param mapped in a user namespace: the range of groups that may ping names some that do not exist there (EINVAL)
 */
export function sysctlsOf(host: Modes, mapped: boolean): Record<string, string> {
  const { "net.ipv4.ping_group_range": _ping, ...others } = defaultNetSysctls;
  const defaults = mapped ? others : defaultNetSysctls;
  return { ...(ownsNetwork(host.NetworkMode) ? defaults : {}), ...host.Sysctls };
}
