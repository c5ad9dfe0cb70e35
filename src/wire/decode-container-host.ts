/** HostConfig and the update request: sent JSON (already checked against its schema) to complete Docker types. */
import type { Static } from "typebox";
import { InvalidInput } from "../lib/invalid-input.ts";
import type { DeviceRequest, HostConfig, Mount, PortMap, RestartPolicy } from "./container.ts";
import { type hostConfigSchema, updateSchema } from "./decode-container-schema.ts";
import { jsonDecoder, textMap, words } from "./decode-json.ts";

type SentHost = Static<typeof hostConfigSchema>;
type SentMount = NonNullable<SentHost["Mounts"]>[number];

/** What `update` changes. A field that is missing, null or Go's zero value is left as it was, as docker does. */
export type UpdateRequest = Partial<
  Pick<
    HostConfig,
    | "CpuShares"
    | "Memory"
    | "NanoCpus"
    | "BlkioWeight"
    | "CpuPeriod"
    | "CpuQuota"
    | "CpuRealtimePeriod"
    | "CpuRealtimeRuntime"
    | "CpusetCpus"
    | "CpusetMems"
    | "MemoryReservation"
    | "MemorySwap"
    | "PidsLimit"
    | "RestartPolicy"
  >
>;

const checkUpdate = jsonDecoder(updateSchema, "UpdateConfig");

/** The body of POST /containers/{id}/update. Throws InvalidInput. */
export function decodeUpdate(body: unknown): UpdateRequest {
  if (body === undefined || body === null) throw new InvalidInput("EOF");
  const sent = checkUpdate(body);
  return {
    ...(sent.CpuShares && { CpuShares: sent.CpuShares }),
    ...(sent.Memory && { Memory: sent.Memory }),
    ...(sent.NanoCpus && { NanoCpus: sent.NanoCpus }),
    ...(sent.BlkioWeight && { BlkioWeight: sent.BlkioWeight }),
    ...(sent.CpuPeriod && { CpuPeriod: sent.CpuPeriod }),
    ...(sent.CpuQuota && { CpuQuota: sent.CpuQuota }),
    ...(sent.CpuRealtimePeriod && { CpuRealtimePeriod: sent.CpuRealtimePeriod }),
    ...(sent.CpuRealtimeRuntime && { CpuRealtimeRuntime: sent.CpuRealtimeRuntime }),
    ...(sent.CpusetCpus && { CpusetCpus: sent.CpusetCpus }),
    ...(sent.CpusetMems && { CpusetMems: sent.CpusetMems }),
    ...(sent.MemoryReservation && { MemoryReservation: sent.MemoryReservation }),
    ...(sent.MemorySwap && { MemorySwap: sent.MemorySwap }),
    // A pointer in Go: 0 is a value and lifts the limit.
    ...(typeof sent.PidsLimit === "number" && { PidsLimit: sent.PidsLimit }),
    ...(sent.RestartPolicy?.Name && { RestartPolicy: restartPolicy(sent.RestartPolicy) }),
  };
}

/** @param sent checked by the create schema */
export function decodeHostConfig(sent: SentHost): HostConfig {
  return {
    Binds: sent.Binds ?? null,
    ContainerIDFile: sent.ContainerIDFile ?? "",
    LogConfig: { Type: sent.LogConfig?.Type ?? "", Config: textMap(sent.LogConfig?.Config) ?? {} },
    NetworkMode: sent.NetworkMode ?? "",
    PortBindings: portMap(sent.PortBindings),
    RestartPolicy: restartPolicy(sent.RestartPolicy),
    AutoRemove: sent.AutoRemove ?? false,
    VolumeDriver: sent.VolumeDriver ?? "",
    VolumesFrom: sent.VolumesFrom ?? null,
    ConsoleSize: [sent.ConsoleSize?.[0] ?? 0, sent.ConsoleSize?.[1] ?? 0],
    ...(sent.Annotations && { Annotations: textMap(sent.Annotations) }),
    CapAdd: words(sent.CapAdd),
    CapDrop: words(sent.CapDrop),
    CgroupnsMode: cgroupnsMode(sent.CgroupnsMode ?? ""),
    Dns: sent.Dns ?? [],
    DnsOptions: sent.DnsOptions ?? [],
    DnsSearch: sent.DnsSearch ?? [],
    ExtraHosts: sent.ExtraHosts ?? null,
    GroupAdd: sent.GroupAdd ?? null,
    IpcMode: sent.IpcMode ?? "",
    Cgroup: sent.Cgroup ?? "",
    Links: sent.Links ?? null,
    OomScoreAdj: sent.OomScoreAdj ?? 0,
    PidMode: sent.PidMode ?? "",
    Privileged: sent.Privileged ?? false,
    PublishAllPorts: sent.PublishAllPorts ?? false,
    ReadonlyRootfs: sent.ReadonlyRootfs ?? false,
    SecurityOpt: sent.SecurityOpt ?? null,
    ...(sent.StorageOpt && { StorageOpt: textMap(sent.StorageOpt) }),
    ...(sent.Tmpfs && { Tmpfs: textMap(sent.Tmpfs) }),
    UTSMode: sent.UTSMode ?? "",
    UsernsMode: sent.UsernsMode ?? "",
    ShmSize: sent.ShmSize ?? 0,
    ...(sent.Sysctls && { Sysctls: textMap(sent.Sysctls) }),
    Runtime: sent.Runtime ?? "",
    Isolation: sent.Isolation ?? "",
    ...resources(sent),
    ...(sent.Mounts && { Mounts: sent.Mounts.map(mount) }),
    MaskedPaths: sent.MaskedPaths ?? null,
    ReadonlyPaths: sent.ReadonlyPaths ?? null,
    ...(typeof sent.Init === "boolean" && { Init: sent.Init }),
  };
}

function resources(sent: SentHost) {
  const throttles = (list: SentHost["BlkioDeviceReadBps"]) =>
    (list ?? []).map((it) => ({ Path: it.Path ?? "", Rate: it.Rate ?? 0 }));
  return {
    CpuShares: sent.CpuShares ?? 0,
    Memory: sent.Memory ?? 0,
    NanoCpus: sent.NanoCpus ?? 0,
    CgroupParent: sent.CgroupParent ?? "",
    BlkioWeight: sent.BlkioWeight ?? 0,
    BlkioWeightDevice: (sent.BlkioWeightDevice ?? []).map((it) => ({ Path: it.Path ?? "", Weight: it.Weight ?? 0 })),
    BlkioDeviceReadBps: throttles(sent.BlkioDeviceReadBps),
    BlkioDeviceWriteBps: throttles(sent.BlkioDeviceWriteBps),
    BlkioDeviceReadIOps: throttles(sent.BlkioDeviceReadIOps),
    BlkioDeviceWriteIOps: throttles(sent.BlkioDeviceWriteIOps),
    CpuPeriod: sent.CpuPeriod ?? 0,
    CpuQuota: sent.CpuQuota ?? 0,
    CpuRealtimePeriod: sent.CpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: sent.CpuRealtimeRuntime ?? 0,
    CpusetCpus: sent.CpusetCpus ?? "",
    CpusetMems: sent.CpusetMems ?? "",
    Devices: (sent.Devices ?? []).map((it) => ({
      PathOnHost: it.PathOnHost ?? "",
      PathInContainer: it.PathInContainer ?? "",
      CgroupPermissions: it.CgroupPermissions ?? "",
    })),
    DeviceCgroupRules: sent.DeviceCgroupRules ?? null,
    DeviceRequests: sent.DeviceRequests ? sent.DeviceRequests.map(deviceRequest) : null,
    MemoryReservation: sent.MemoryReservation ?? 0,
    MemorySwap: sent.MemorySwap ?? 0,
    MemorySwappiness: sent.MemorySwappiness ?? null,
    OomKillDisable: sent.OomKillDisable ?? null,
    PidsLimit: sent.PidsLimit ?? null,
    Ulimits: (sent.Ulimits ?? []).map((it) => ({ Name: it.Name ?? "", Soft: it.Soft ?? 0, Hard: it.Hard ?? 0 })),
    CpuCount: sent.CpuCount ?? 0,
    CpuPercent: sent.CpuPercent ?? 0,
    IOMaximumIOps: sent.IOMaximumIOps ?? 0,
    IOMaximumBandwidth: sent.IOMaximumBandwidth ?? 0,
  };
}

function deviceRequest(sent: NonNullable<SentHost["DeviceRequests"]>[number]): DeviceRequest {
  return {
    Driver: sent.Driver ?? "",
    Count: sent.Count ?? 0,
    DeviceIDs: sent.DeviceIDs ?? null,
    Capabilities: sent.Capabilities ?? [],
    Options: textMap(sent.Options) ?? {},
  };
}

function portMap(sent: SentHost["PortBindings"]): PortMap {
  const ports: PortMap = {};
  for (const [port, bindings] of Object.entries(sent ?? {})) {
    ports[port] = bindings?.map((it) => ({ HostIp: it.HostIp ?? "", HostPort: it.HostPort ?? "" })) ?? null;
  }
  return ports;
}

function restartPolicy(sent: SentHost["RestartPolicy"]): RestartPolicy {
  const name = sent?.Name ?? "";
  switch (name) {
    case "":
    case "no":
    case "always":
    case "unless-stopped":
    case "on-failure":
      return { Name: name, MaximumRetryCount: sent?.MaximumRetryCount ?? 0 };
    default:
      throw new InvalidInput(
        `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      );
  }
}

function cgroupnsMode(name: string): HostConfig["CgroupnsMode"] {
  if (name === "" || name === "private" || name === "host") return name;
  throw new InvalidInput(`invalid cgroup namespace mode: ${name}`);
}

function mount(sent: SentMount): Mount {
  const { BindOptions: bind, VolumeOptions: volume, TmpfsOptions: tmpfs, ImageOptions: image } = sent;
  return {
    Type: mountType(sent.Type ?? ""),
    ...(sent.Source && { Source: sent.Source }),
    Target: sent.Target ?? "",
    ...(sent.ReadOnly && { ReadOnly: true }),
    ...(sent.Consistency && { Consistency: sent.Consistency }),
    ...(bind && {
      BindOptions: {
        ...(bind.Propagation && { Propagation: bind.Propagation }),
        ...(bind.NonRecursive && { NonRecursive: true }),
        ...(bind.CreateMountpoint && { CreateMountpoint: true }),
        ...(bind.ReadOnlyNonRecursive && { ReadOnlyNonRecursive: true }),
        ...(bind.ReadOnlyForceRecursive && { ReadOnlyForceRecursive: true }),
      },
    }),
    ...(volume && {
      VolumeOptions: {
        ...(volume.NoCopy && { NoCopy: true }),
        ...(volume.Labels && { Labels: textMap(volume.Labels) }),
        ...(volume.DriverConfig && {
          DriverConfig: {
            ...(volume.DriverConfig.Name && { Name: volume.DriverConfig.Name }),
            ...(volume.DriverConfig.Options && { Options: textMap(volume.DriverConfig.Options) }),
          },
        }),
        ...(volume.Subpath && { Subpath: volume.Subpath }),
      },
    }),
    ...(tmpfs && {
      TmpfsOptions: {
        ...(tmpfs.SizeBytes && { SizeBytes: tmpfs.SizeBytes }),
        ...(tmpfs.Mode && { Mode: tmpfs.Mode }),
        ...(tmpfs.Options && { Options: tmpfs.Options }),
      },
    }),
    ...(image && { ImageOptions: { ...(image.Subpath && { Subpath: image.Subpath }) } }),
  };
}

function mountType(name: string): Mount["Type"] {
  switch (name) {
    case "bind":
    case "volume":
    case "tmpfs":
    case "image":
    case "npipe":
    case "cluster":
      return name;
    default:
      throw new InvalidInput(`invalid mount config for type "${name}": mount type unknown`);
  }
}
