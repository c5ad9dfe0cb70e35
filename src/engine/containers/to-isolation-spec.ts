/** Docker's Config and HostConfig to an IsolationSpec: the one place where Docker meets Linux. */
import { hostId } from "../../isolation/child-mounts.ts";
import { resolveUser } from "../../isolation/identity.ts";
import type { IsolationSpec, NetworkSpec } from "../../isolation/spec.ts";
import type { Ulimit } from "../../wire/container.ts";
import type { ContainerLayer } from "../ports.ts";
import type { Deps } from "./deps.ts";
import { linksOf, linkVariables } from "./links.ts";
import type { LiveContainer } from "./live.ts";
import { logSpec } from "./log-drivers.ts";
import { ownsNetwork } from "./modes.ts";
import { parseSecurityOptions } from "./security-options.ts";
import { capabilitiesOf } from "./spec-capabilities.ts";
import { deviceNodes, deviceRules } from "./spec-devices.ts";
import { environment } from "./spec-env.ts";
import { mountSpecs } from "./spec-mounts.ts";
import { namespacesOf, networkOwner, userNamespaceOf } from "./spec-namespaces.ts";
import { resourcesOf } from "./spec-resources.ts";
import { seccompProgram } from "./spec-seccomp.ts";
import { sysctlsOf } from "./sysctls.ts";

type SpecDeps = Pick<Deps, "store" | "layers" | "files" | "paths" | "devices" | "cgroups" | "settings" | "log">;
type Prepared = { container: LiveContainer; layer: ContainerLayer; network: NetworkSpec };

/**
 * Host directories that -v asks for are made here; nothing else is changed.
 * Throws EngineError with docker's texts for what can only be found out at start (users, devices, bind sources, namespaces).
 */
export async function toIsolationSpec(deps: SpecDeps, { container, layer, network }: Prepared): Promise<IsolationSpec> {
  const { record } = container;
  const { config, hostConfig: host } = record;
  const paths = deps.files.of(record.id);
  const user = userNamespaceOf(deps.store, record, deps.settings);
  const namespaces = { ...namespacesOf(deps.store, record), ...(user && { user }) };
  const security = parseSecurityOptions(host.SecurityOpt ?? [], host.Privileged, deps.settings);
  const [identity, devices, resources] = await Promise.all([
    identityOf(deps, container),
    deviceNodes(deps.devices, host),
    resourcesOf(deps.devices, host),
  ]);
  const capabilities = capabilitiesOf(host, deps.settings.capabilities);
  const hostname = networkOwner(deps.store, record)?.config.Hostname ?? (config.Hostname || deps.settings.hostHostname);

  const linked = linksOf(deps.store, record).flatMap((link) => linkVariables(link, record.name));

  return {
    hostname,
    domainname: config.Domainname,
    namespaces,
    rootfs: {
      // The last unmount of an overlay syncs the whole file system that its upper directory is on, before the end of PID 1 is
      // told. What goes with the container need not outlive a loss of power. Decision 0038.
      source: { type: "overlay", ...layer, volatile: host.AutoRemove },
      mountpoint: paths.mountpoint,
      readonly: host.ReadonlyRootfs,
    },
    mounts: mountSpecs(deps, record),
    // IPC mode none: no shared memory at all.
    shmSize: host.IpcMode === "none" ? 0 : host.ShmSize,
    devices: devices.map(({ node }) => node),
    privileged: host.Privileged,
    maskedPaths: host.MaskedPaths ?? [],
    readonlyPaths: host.ReadonlyPaths ?? [],
    sysctls: sysctlsOf(host, user !== undefined),
    cgroup: {
      layout: deps.cgroups.layout,
      path: record.cgroupPath,
      resources,
      ...(!host.Privileged && { deviceRules: deviceRules(devices, host.DeviceCgroupRules ?? []) }),
    },
    network: ownsNetwork(host.NetworkMode) ? network : { host: [], container: [] },
    process: {
      argv: [record.path, ...record.args],
      env: environment({ config, hostname, linked, home: identity.home }),
      cwd: config.WorkingDir || "/",
      uid: identity.uid,
      gid: identity.gid,
      groups: identity.groups,
      capabilities: {
        bounding: capabilities,
        effective: capabilities,
        permitted: capabilities,
        // Empty on purpose: CVE-2022-24769.
        inheritable: [],
        ambient: [],
      },
      noNewPrivileges: security.noNewPrivileges ?? deps.settings.defaults.noNewPrivileges,
      rlimits: rlimitsOf(host.Ulimits, deps.settings.defaults.ulimits),
      oomScoreAdj: host.OomScoreAdj,
      seccomp: seccompProgram(security.seccomp, capabilities, deps),
      terminal: config.Tty ? { rows: host.ConsoleSize[0], cols: host.ConsoleSize[1] } : null,
      stdin: config.OpenStdin,
      stdinOnce: config.StdinOnce,
      init: host.Init ?? deps.settings.defaults.init,
    },
    monitor: {
      socket: paths.socket,
      exitRecord: paths.exitRecord,
      log: logSpec(record, paths.log),
      ...(user && { owner: { uid: hostId(user.uidMap), gid: hostId(user.gidMap) } }),
      attached: container.streams.wanted,
    },
  };
}

/** Of the engine's own, those that the container does not set. */
function rlimitsOf(asked: Ulimit[], defaults: Ulimit[]) {
  const others = defaults.filter(({ Name }) => !asked.some((limit) => limit.Name === Name));
  return [...asked, ...others].map(({ Name, Soft, Hard }) => ({
    resource: Name,
    soft: Soft,
    hard: Hard,
    required: true,
  }));
}

/** By the files that the container has now: its own layer may have changed the image's. */
async function identityOf({ layers }: Pick<Deps, "layers">, { record }: LiveContainer) {
  const [passwd, group] = await Promise.all([
    layers.readMerged(record.id, "/etc/passwd"),
    layers.readMerged(record.id, "/etc/group"),
  ]);
  return resolveUser({
    user: record.config.User,
    passwd: passwd?.toString("utf8"),
    group: group?.toString("utf8"),
    groupAdd: record.hostConfig.GroupAdd ?? [],
  });
}
