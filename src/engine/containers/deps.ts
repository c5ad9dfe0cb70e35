/** What the container verbs ask of their surroundings. Each verb takes a Pick of it. */
import type { Plan } from "../../isolation/plan.ts";
import type { DeviceNode, IsolationSpec, UserNamespace } from "../../isolation/spec.ts";
import type { Ulimit } from "../../wire/container.ts";
import type { Image } from "../../wire/image.ts";
import type { EventBus } from "../events.ts";
import type { CgroupFeatures, Connector, LogFiles, Ports, Volumes } from "../ports.ts";
import type { HealthMonitor } from "./health.ts";
import type { Containers } from "./store.ts";

export type Deps = Pick<Ports, "launcher" | "layers" | "cgroups" | "processes" | "clock" | "newId"> & {
  store: Containers;
  events: EventBus;
  images: Images;
  connector: Connector;
  volumes: Volumes;
  devices: HostDevices;
  files: ContainerFiles;
  paths: HostPaths;
  health: HealthMonitor;
  logFiles: Pick<LogFiles, "watch" | "compress">;
  settings: Settings;
  compile: (spec: IsolationSpec) => Plan;
  /** Told of each start when it is over. */
  starts?: { ended(outcome: { milliseconds: number; failed: boolean }): void };
  /** Told of failures that nobody waits for. */
  log: (message: string, details: Record<string, unknown>) => void;
};

export interface Images {
  /**
   * By name, id or digest. Throws not-found "No such image: REF".
   * @param platform os/arch[/variant] the image must have; undefined: any
   */
  find(ref: string, platform?: string): Image | Promise<Image>;
}

/** A container's own files below the data root, and its runtime directory below the exec root (host/state). */
export interface ContainerFiles {
  /** Where they are; nothing is touched. */
  of(id: string): ContainerPaths;
  /** Make both directories, empty the runtime one, write the texts. */
  prepare(id: string, texts: { hostname: string; hosts: string; resolvConf: string }): void;
  /** Change texts of a running container in place; nothing is written where nothing changes. */
  edit(id: string, change: (texts: EditableTexts) => EditableTexts): void;
  /** Remove the runtime directory. */
  removeRuntime(id: string): void;
  /** Remove all. */
  remove(id: string): Promise<void>;
  /** Containers that have a directory: all, and leftovers. */
  ids(): string[];
  /** Containers that have a runtime directory: those that run, and leftovers. */
  runtimeIds(): string[];
  /** The host's resolv.conf ("" if there is none). */
  hostResolvConf(): string;
}

export type EditableTexts = { hosts: string; resolvConf: string };

export type ContainerPaths = {
  directory: string;
  hostname: string;
  hosts: string;
  resolvConf: string;
  log: string;
  /** empty directory on which the root is mounted, in the container's own mount namespace */
  mountpoint: string;
  /** with a number behind it: where an image is mounted, in the container's own mount namespace */
  imageMounts: string;
  /** with a number behind it: files for one run that must never lie on a disk */
  secrets: string;
  socket: string;
  exitRecord: string;
};

export interface HostPaths {
  /** Symlinks followed. undefined if missing. */
  kind(path: string): "dir" | "file" | undefined;
  /** mkdir -p */
  makeDirectory(path: string): void;
  /** The mount that holds it, symlinks followed, and whether that takes part in propagation (mount_namespaces(7)). */
  mountOf(path: string): { mountpoint: string; shared: boolean; slave: boolean };
}

export interface HostDevices {
  /** The device at a path, or those below a directory; [] if there is none, undefined if there is nothing at all. */
  at(path: string): Promise<DeviceNode[] | undefined>;
  /** All of the host's that a privileged container gets. */
  all(): Promise<DeviceNode[]>;
}

/** What containers get that do not say otherwise. */
export type ContainerDefaults = {
  ulimits: Ulimit[];
  /** bytes of /dev/shm; 0: docker's default */
  shmSize: number;
  ipcMode: "private" | "shareable" | "";
  /** "": what suits the host */
  cgroupnsMode: "private" | "host" | "";
  init: boolean;
  noNewPrivileges: boolean;
};

export type Settings = {
  /** default parent of containers' cgroups, such as /docker */
  cgroupParent: string;
  /** which limits the host can set */
  features: CgroupFeatures;
  /** how many CPUs are online */
  cpus: number;
  /** which memory nodes are, as cpuset.mems has it: "0-1" */
  memoryNodes: string;
  /** release as uname(2) has it; decides parts of the default seccomp profile */
  kernel: string;
  /** what the engine itself holds, names without CAP_ */
  capabilities: string[];
  /** The engine's own host name, seen by containers that share its uts namespace. */
  hostHostname: string;
  /** the address that host-gateway stands for; "" if there is no bridge */
  hostGateway: string;
  /** DNS servers, options, domains of containers that ask for none */
  dns: string[];
  dnsOptions: string[];
  dnsSearch: string[];
  defaults: ContainerDefaults;
  /** log driver and options of containers that ask for none */
  logConfig: { Type: string; Config: Record<string, string> };
  /** of containers that do not ask for the host's */
  userNamespace?: UserNamespace;
  /** the kernel has AppArmor / SELinux switched on */
  apparmor: boolean;
  selinux: boolean;
  /** Parts of a container's isolation may be left out. */
  lab?: boolean;
};
