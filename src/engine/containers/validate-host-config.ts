/** Checks of a container's HostConfig, with docker's texts. */
import { isIP } from "node:net";
import { parseCapabilities } from "../../kernel/capabilities.ts";
import { rlimitResource } from "../../kernel/rlimits.ts";
import type { ContainerConfig, HostConfig } from "../../wire/container.ts";
import { EngineError, invalid } from "../errors.ts";
import type { Settings } from "./deps.ts";
import { validateLogConfig, withLogDefaults } from "./log-drivers.ts";
import { sharedWith } from "./modes.ts";
import { validatePorts } from "./port-bindings.ts";
import { parseSecurityOptions } from "./security-options.ts";
import { parseDeviceRule } from "./spec-devices.ts";
import { checkSysctls } from "./sysctls.ts";
import { validateResources } from "./validate-resources.ts";

export type HostFacts = Pick<Settings, "cpus" | "memoryNodes" | "apparmor" | "selinux" | "logConfig" | "userNamespace">;

/** Throws invalid (forbidden for what is not supported here). @returns warnings for the client */
export function validateHostConfig(host: HostConfig, config: ContainerConfig, facts: HostFacts): string[] {
  const warnings = validateResources(host, facts);
  validateRestartPolicy(host);
  validateModes(host, config, warnings);
  if (facts.userNamespace && host.UsernsMode === "") validateRemapped(host);
  validatePorts(host.PortBindings, config.ExposedPorts ?? {});
  validateExtraHosts(host.ExtraHosts ?? []);
  validateDns(host);
  if (host.ShmSize < 0) throw invalid("SHM size can not be less than 0");
  if (host.OomScoreAdj < -1000 || host.OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (!["", "default"].includes(host.Isolation)) throw invalid(`invalid isolation '${host.Isolation}' on linux`);
  if (!["", "runc"].includes(host.Runtime)) throw invalid(`unknown or invalid runtime name: ${host.Runtime}`);
  checkCapabilities("CapAdd", host.CapAdd ?? []);
  checkCapabilities("CapDrop", host.CapDrop ?? []);
  for (const limit of host.Ulimits) {
    asInvalid(() => rlimitResource(limit.Name));
    if (limit.Hard !== -1 && (limit.Soft === -1 || limit.Soft > limit.Hard)) {
      throw invalid(
        `ulimit soft limit must be less than or equal to hard limit: soft ${limit.Soft}, hard ${limit.Hard}`,
      );
    }
  }
  parseSecurityOptions(host.SecurityOpt ?? [], host.Privileged, facts);
  checkSysctls(host);
  validateLogConfig(withLogDefaults(host.LogConfig, facts.logConfig));
  for (const rule of host.DeviceCgroupRules ?? []) parseDeviceRule(rule);
  if (host.DeviceRequests?.length) {
    // Docker's words when no driver can serve the request, which no driver here can.
    const wanted = JSON.stringify(host.DeviceRequests[0]?.Capabilities ?? []).replaceAll(/[",]/g, (sign) =>
      sign === "," ? " " : "",
    );
    throw invalid(
      `could not select device driver "${host.DeviceRequests[0]?.Driver ?? ""}" with capabilities: ${wanted}`,
    );
  }
  if (host.StorageOpt && Object.keys(host.StorageOpt).length > 0) {
    throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option");
  }
  return warnings;
}

/** Docker names the capability as the kernel's headers do, whatever was typed. */
function checkCapabilities(list: "CapAdd" | "CapDrop", names: string[]): void {
  for (const name of names) {
    try {
      parseCapabilities([name]);
    } catch {
      throw invalid(`invalid ${list}: unknown capability: "CAP_${name.toUpperCase().replace(/^CAP_/, "")}"`);
    }
  }
}

function validateRestartPolicy({ RestartPolicy: policy, AutoRemove }: HostConfig): void {
  if (AutoRemove && policy.Name !== "" && policy.Name !== "no") {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  checkRestartPolicy(policy);
}

export function checkRestartPolicy({ Name: name, MaximumRetryCount: retries }: HostConfig["RestartPolicy"]): void {
  if (retries < 0) throw invalid("invalid restart policy: maximum retry count cannot be negative");
  if (retries > 0 && name !== "on-failure") {
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
}

function validateModes(host: HostConfig, config: ContainerConfig, warnings: string[]): void {
  const { NetworkMode: network, IpcMode: ipc, PidMode: pid, UTSMode: uts, UsernsMode: userns } = host;
  if (!["", "none", "private", "shareable", "host"].includes(ipc) && !sharedWith(ipc)) {
    throw invalid(`invalid IPC mode: ${ipc}`);
  }
  if (!["", "host", "private"].includes(pid) && !sharedWith(pid)) throw invalid(`invalid PID mode: ${pid}`);
  if (!["", "host"].includes(uts)) throw invalid(`invalid UTS mode: ${uts}`);
  if (!["", "host"].includes(userns)) throw invalid(`invalid user namespace mode: ${userns}`);
  const other = sharedWith(network);
  if (other === "") throw invalid("invalid network mode: invalid container format container:<name|id>");
  const shared = other !== undefined;
  const notOwn = shared || network === "host";
  if (uts === "host" && config.Hostname !== "") throw invalid("conflicting options: hostname and the UTS mode");
  if (shared && config.Hostname !== "") throw invalid("conflicting options: hostname and the network mode");
  if (notOwn && host.Links?.length) {
    throw invalid(
      shared
        ? "conflicting options: container type network can't be used with links. This would result in undefined behavior"
        : "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    );
  }
  if (shared && host.Dns.length > 0) throw invalid("conflicting options: dns and the network mode");
  if (shared && host.ExtraHosts?.length)
    throw invalid("conflicting options: custom host-to-IP mapping and the network mode");
  if (notOwn && config.MacAddress) throw invalid("conflicting options: mac-address and the network mode");
  if (shared && (host.PublishAllPorts || Object.keys(host.PortBindings).length > 0)) {
    throw invalid("conflicting options: port publishing and the container type network mode");
  }
  if (shared && Object.keys(config.ExposedPorts ?? {}).length > 0) {
    throw invalid("conflicting options: port exposing and the container type network mode");
  }
  if (network === "host" && Object.keys(host.PortBindings).length > 0) {
    warnings.push("Published ports are discarded when using host network mode");
  }
}

/** What a container with a user namespace of its own cannot have. */
function validateRemapped({ Privileged, NetworkMode, PidMode }: HostConfig): void {
  if (Privileged) {
    throw invalid(
      "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
    );
  }
  if (NetworkMode === "host") {
    throw invalid("cannot share the host's network namespace when user namespaces are enabled");
  }
  if (PidMode === "host") throw invalid("cannot share the host PID namespace when user namespaces are enabled");
}

function validateExtraHosts(entries: string[]): void {
  for (const entry of entries) {
    const cut = entry.indexOf(":");
    const address = entry.slice(cut + 1);
    if (cut < 1 || address === "" || /[\s\0]/.test(entry)) throw invalid(`bad format for add-host: "${entry}"`);
    if (address !== "host-gateway" && !/^[0-9a-fA-F.:[\]]+$/.test(address)) {
      throw invalid(`invalid IP address in add-host: "${address}"`);
    }
  }
}

/** They become words of the container's resolv.conf, the servers are also asked by this engine. */
function validateDns({ Dns: servers, DnsSearch: domains, DnsOptions: options }: HostConfig): void {
  for (const server of servers) if (isIP(server) === 0) throw invalid(`${server} is not an ip address`);
  for (const word of [...domains, ...options]) {
    if (/[\s\0]/.test(word)) throw invalid(`invalid DNS search domain or option: ${JSON.stringify(word)}`);
  }
}

/** The kernel floor's errors carry docker's words, but no kind. */
function asInvalid(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}
