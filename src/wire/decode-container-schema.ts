/** The JSON that clients send for containers, as TypeBox schemas: every field may be missing or null, as in Go. */
import Type, { type TProperties, type TSchema } from "typebox";

/** Go's encoding/json leaves a field at its zero value when it is missing or null. */
export const maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const text = maybe(Type.String());
const flag = maybe(Type.Boolean());
const integer = maybe(Type.Integer());
const texts = maybe(Type.Array(Type.String()));
const textMap = maybe(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])));
/** Go's map[string]struct{}: the values say nothing. */
const set = maybe(Type.Record(Type.String(), Type.Union([Type.Object({}), Type.Null()])));
/** Docker's strslice: one text or a list of texts. */
const words = Type.Optional(Type.Union([Type.Array(Type.String()), Type.String(), Type.Null()]));
const list = <T extends TProperties>(properties: T) => maybe(Type.Array(Type.Object(properties)));

export const healthcheckSchema = Type.Object({
  Test: texts,
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

const configFields = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: set,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: words,
  Healthcheck: maybe(healthcheckSchema),
  ArgsEscaped: flag,
  Image: text,
  Volumes: set,
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: integer,
  Shell: texts,
};

const restartPolicy = maybe(Type.Object({ Name: text, MaximumRetryCount: integer }));
const weights = list({ Path: text, Weight: integer });
const throttles = list({ Path: text, Rate: integer });

const resourceFields = {
  CpuShares: integer,
  Memory: integer,
  NanoCpus: integer,
  CgroupParent: text,
  BlkioWeight: integer,
  BlkioWeightDevice: weights,
  BlkioDeviceReadBps: throttles,
  BlkioDeviceWriteBps: throttles,
  BlkioDeviceReadIOps: throttles,
  BlkioDeviceWriteIOps: throttles,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text }),
  DeviceCgroupRules: texts,
  DeviceRequests: list({
    Driver: text,
    Count: integer,
    DeviceIDs: texts,
    Capabilities: maybe(Type.Array(Type.Array(Type.String()))),
    Options: textMap,
  }),
  KernelMemory: integer,
  KernelMemoryTCP: integer,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  OomKillDisable: flag,
  PidsLimit: integer,
  Ulimits: list({ Name: text, Soft: integer, Hard: integer }),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
};

const mounts = list({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: maybe(
    Type.Object({
      Propagation: text,
      NonRecursive: flag,
      CreateMountpoint: flag,
      ReadOnlyNonRecursive: flag,
      ReadOnlyForceRecursive: flag,
    }),
  ),
  VolumeOptions: maybe(
    Type.Object({
      NoCopy: flag,
      Labels: textMap,
      DriverConfig: maybe(Type.Object({ Name: text, Options: textMap })),
      Subpath: text,
    }),
  ),
  TmpfsOptions: maybe(
    Type.Object({ SizeBytes: integer, Mode: integer, Options: maybe(Type.Array(Type.Array(Type.String()))) }),
  ),
  ImageOptions: maybe(Type.Object({ Subpath: text })),
});

export const hostConfigSchema = Type.Object({
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: maybe(Type.Object({ Type: text, Config: textMap })),
  NetworkMode: text,
  PortBindings: maybe(
    Type.Record(Type.String(), Type.Union([Type.Array(Type.Object({ HostIp: text, HostPort: text })), Type.Null()])),
  ),
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  ConsoleSize: maybe(Type.Array(Type.Integer())),
  Annotations: textMap,
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: integer,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: integer,
  Sysctls: textMap,
  Runtime: text,
  Isolation: text,
  ...resourceFields,
  Mounts: mounts,
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  Init: flag,
});

export const endpointSchema = Type.Object({
  IPAMConfig: maybe(Type.Object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
  Links: texts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: textMap,
  GwPriority: integer,
});

export const createSchema = Type.Object({
  ...configFields,
  HostConfig: maybe(hostConfigSchema),
  NetworkingConfig: maybe(
    Type.Object({ EndpointsConfig: maybe(Type.Record(Type.String(), Type.Union([endpointSchema, Type.Null()]))) }),
  ),
});

export const updateSchema = Type.Object({ ...resourceFields, RestartPolicy: restartPolicy });
