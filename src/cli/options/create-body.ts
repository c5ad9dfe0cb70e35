import type { Values } from "../flags/flag.ts";
import type { containerFlags } from "./container-flags.ts";
import { devicesOf } from "./devices.ts";
import { endpointsOf } from "./endpoints.ts";
import { healthOf } from "./health.ts";
import { environment, keyValues, noValue, orAbsent, toMap } from "./key-value-files.ts";
import { loggingOf, restartPolicyOf, storageOf } from "./policies.ts";
import { portsOf } from "./ports.ts";
import { resourcesOf } from "./resources.ts";
import { securityOf } from "./security.ts";
import { volumesOf } from "./volumes.ts";

export type ContainerFlags = Values<typeof containerFlags>;

/** null for an empty list, as docker's client sends it. */
const orNull = <T>(items: T[]): T[] | null => (items.length ? items : null);

/**
 * The body of POST /containers/create for these options.
 * @param given the flags that were on the command line
 * @param command image, then the command's words
 * @throws Error in docker's words for options that do not fit together
 */
export function createBody(flags: ContainerFlags, given: ReadonlySet<string>, [image = "", ...command]: string[]) {
  if (flags.macAddress && !/^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$/.test(flags.macAddress))
    throw new Error(`${flags.macAddress} is not a valid mac address`);
  if (flags.useApiSocket)
    throw new Error(
      "--use-api-socket is not supported: mount the engine's socket by -v and the login by an environment variable",
    );
  const attach = flags.attach.length ? flags.attach : ["stdout", "stderr"];
  const attachStdin = flags.interactive || attach.includes("stdin");
  const { binds, volumes } = volumesOf(flags.volume);
  const { exposed, bindings } = portsOf(flags.publish, flags.expose);
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: attachStdin,
    AttachStdout: attach.includes("stdout"),
    AttachStderr: attach.includes("stderr"),
    ExposedPorts: orAbsent(exposed),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attachStdin,
    Env: orNull(keyValues(flags.envFile, flags.env, environment)),
    Cmd: orNull(command),
    Healthcheck: healthOf(flags),
    Image: image,
    Volumes: volumes,
    WorkingDir: flags.workdir,
    Entrypoint: given.has("entrypoint") ? [flags.entrypoint] : null,
    OnBuild: null,
    Labels: toMap(keyValues(flags.labelFile, flags.label, noValue)),
    StopSignal: given.has("stop-signal") ? flags.stopSignal : undefined,
    StopTimeout: given.has("stop-timeout") ? flags.stopTimeout : undefined,
    HostConfig: hostConfig(flags, given, binds, bindings),
    NetworkingConfig: { EndpointsConfig: endpointsOf(networkOptions(flags)) },
  };
}

export type CreateBody = ReturnType<typeof createBody>;

function hostConfig(flags: ContainerFlags, given: ReadonlySet<string>, binds: string[], bindings: object) {
  checkModes(flags);
  const restart = restartPolicyOf(flags.restart);
  if (flags.rm && restart.Name !== "no") throw new Error("conflicting options: cannot specify both --restart and --rm");
  const security = securityOf(flags.securityOpt);
  const { devices, cdi } = devicesOf(flags.device);
  const requests = cdi.length
    ? [...flags.gpus, { Driver: "cdi", Count: 0, DeviceIDs: cdi, Capabilities: null, Options: null }]
    : flags.gpus;
  return {
    Binds: orNull(binds),
    ContainerIDFile: flags.cidfile,
    LogConfig: loggingOf(flags.logDriver, flags.logOpt),
    NetworkMode: networks(flags)[0]?.target ?? "default",
    PortBindings: bindings,
    RestartPolicy: restart,
    AutoRemove: flags.rm,
    VolumeDriver: flags.volumeDriver,
    VolumesFrom: orNull(flags.volumesFrom),
    ConsoleSize: [0, 0],
    Annotations: orAbsent(annotationsOf(flags)),
    CapAdd: orNull(capabilitiesOf(flags.capAdd)),
    CapDrop: orNull(capabilitiesOf(flags.capDrop)),
    CgroupnsMode: flags.cgroupns,
    Dns: flags.dns,
    DnsOptions: [...flags.dnsOption, ...flags.dnsOpt],
    DnsSearch: flags.dnsSearch,
    ExtraHosts: orNull(flags.addHost),
    GroupAdd: orNull(flags.groupAdd),
    IpcMode: flags.ipc,
    Cgroup: "",
    Links: orNull(flags.link),
    OomScoreAdj: flags.oomScoreAdj,
    PidMode: flags.pid,
    Privileged: flags.privileged,
    PublishAllPorts: flags.publishAll,
    ReadonlyRootfs: flags.readOnly,
    SecurityOpt: flags.securityOpt.length ? security.options : null,
    StorageOpt: orAbsent(storageOf(flags.storageOpt)),
    Tmpfs: orAbsent(tmpfsOf(flags.tmpfs)),
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    ShmSize: flags.shmSize,
    Sysctls: orAbsent(flags.sysctl),
    Runtime: flags.runtime || undefined,
    Isolation: flags.isolation,
    ...resourcesOf(flags),
    Devices: devices,
    DeviceCgroupRules: orNull(flags.deviceCgroupRule),
    DeviceRequests: orNull(requests),
    Mounts: flags.mount.length ? flags.mount : undefined,
    Init: given.has("init") ? flags.init : undefined,
    MaskedPaths: security.systemPaths === "unconfined" ? [] : null,
    ReadonlyPaths: security.systemPaths === "unconfined" ? [] : null,
  };
}

function checkModes(flags: ContainerFlags): void {
  const container = /^container:.+$/;
  if (!(flags.pid === "" || flags.pid === "host" || container.test(flags.pid)))
    throw new Error("--pid: invalid PID mode");
  if (!(flags.uts === "" || flags.uts === "host")) throw new Error("--uts: invalid UTS mode");
  if (!(flags.userns === "" || flags.userns === "host")) throw new Error("--userns: invalid USER mode");
  if (!["", "private", "host"].includes(flags.cgroupns)) throw new Error("--cgroupns: invalid CGROUP mode");
}

/** "net_admin" -> "CAP_NET_ADMIN", each once, sorted. */
function capabilitiesOf(names: string[]): string[] {
  const full = names
    .map((name) => name.trim().toUpperCase())
    .map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`));
  return [...new Set(full)].sort();
}

const networks = (flags: ContainerFlags) => [...flags.network, ...flags.net];

const networkOptions = (flags: ContainerFlags) => ({
  networks: networks(flags),
  aliases: [...flags.networkAlias, ...flags.netAlias],
  links: flags.link,
  ip: flags.ip,
  ip6: flags.ip6,
  linkLocalIps: flags.linkLocalIp,
  mac: flags.macAddress,
});

function tmpfsOf(texts: string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(":");
      return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** --egress is ours: it travels as an annotation, which docker's own client can send as well. */
function annotationsOf({ annotation, egress }: ContainerFlags): Record<string, string> {
  return egress.length > 0 ? { ...annotation, "cloche.egress": egress.join(",") } : annotation;
}
