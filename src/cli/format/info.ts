import { bytesSize } from "../text/size.ts";

/** What GET /info says, as far as it is shown. */
export type Info = {
  Containers?: number;
  ContainersRunning?: number;
  ContainersPaused?: number;
  ContainersStopped?: number;
  Images?: number;
  ServerVersion?: string;
  Driver?: string;
  DriverStatus?: [string, string][] | null;
  LoggingDriver?: string;
  CgroupDriver?: string;
  CgroupVersion?: string;
  Plugins?: {
    Volume?: string[] | null;
    Network?: string[] | null;
    Authorization?: string[] | null;
    Log?: string[] | null;
  };
  CDISpecDirs?: string[] | null;
  Swarm?: { LocalNodeState?: string; NodeAddr?: string };
  Runtimes?: Record<string, unknown> | null;
  DefaultRuntime?: string;
  OSType?: string;
  InitBinary?: string;
  ContainerdCommit?: { ID?: string };
  RuncCommit?: { ID?: string };
  InitCommit?: { ID?: string };
  SecurityOptions?: string[] | null;
  KernelVersion?: string;
  OperatingSystem?: string;
  Architecture?: string;
  NCPU?: number;
  MemTotal?: number;
  Name?: string;
  ID?: string;
  DockerRootDir?: string;
  Debug?: boolean;
  NFd?: number;
  NGoroutines?: number;
  SystemTime?: string;
  NEventsListener?: number;
  HttpProxy?: string;
  HttpsProxy?: string;
  NoProxy?: string;
  Labels?: string[] | null;
  ExperimentalBuild?: boolean;
  IndexServerAddress?: string;
  RegistryConfig?: {
    InsecureRegistryCIDRs?: string[] | null;
    IndexConfigs?: Record<string, { Name?: string; Secure?: boolean }> | null;
    Mirrors?: string[] | null;
  } | null;
  LiveRestoreEnabled?: boolean;
  ProductLicense?: string;
  DefaultAddressPools?: { Base: string; Size: number }[] | null;
  Warnings?: string[] | null;
};

/** The lines of `info` under "Server:". @param user who is logged in; empty for nobody */
export function infoLines(info: Info, user: string): string[] {
  const lines: string[] = [];
  const add = (name: string, value: unknown) => lines.push(`${name} ${value ?? ""}`.trimEnd() || name);
  const some = (name: string, value: string | undefined) => value && lines.push(`${name} ${value}`);
  const list = (name: string, values: string[]) =>
    values.length && lines.push(name, ...values.map((value) => `  ${value}`));
  const plain = (name: string, value: unknown) => lines.push(`${name} ${value ?? ""}`);
  add(" Containers:", info.Containers ?? 0);
  add("  Running:", info.ContainersRunning ?? 0);
  add("  Paused:", info.ContainersPaused ?? 0);
  add("  Stopped:", info.ContainersStopped ?? 0);
  add(" Images:", info.Images ?? 0);
  some(" Server Version:", info.ServerVersion);
  some(" Storage Driver:", info.Driver);
  for (const [name, value] of info.DriverStatus ?? []) lines.push(`  ${name}: ${value}`);
  some(" Logging Driver:", info.LoggingDriver);
  some(" Cgroup Driver:", info.CgroupDriver);
  some(" Cgroup Version:", info.CgroupVersion);
  lines.push(" Plugins:");
  plain("  Volume:", (info.Plugins?.Volume ?? []).join(" "));
  plain("  Network:", (info.Plugins?.Network ?? []).join(" "));
  some("  Authorization:", (info.Plugins?.Authorization ?? []).join(" "));
  plain("  Log:", (info.Plugins?.Log ?? []).join(" "));
  list(" CDI spec directories:", info.CDISpecDirs ?? []);
  plain(" Swarm:", info.Swarm?.LocalNodeState ?? "inactive");
  const runtimes = Object.keys(info.Runtimes ?? {});
  if (runtimes.length) lines.push(` Runtimes: ${runtimes.join(" ")}`, ` Default Runtime: ${info.DefaultRuntime ?? ""}`);
  if (info.OSType === "linux") {
    plain(" Init Binary:", info.InitBinary);
    plain(" containerd version:", info.ContainerdCommit?.ID);
    plain(" runc version:", info.RuncCommit?.ID);
    plain(" init version:", info.InitCommit?.ID);
    lines.push(...securityLines(info.SecurityOptions ?? []));
  }
  some(" Kernel Version:", info.KernelVersion);
  some(" Operating System:", info.OperatingSystem);
  some(" OSType:", info.OSType);
  some(" Architecture:", info.Architecture);
  plain(" CPUs:", info.NCPU ?? 0);
  plain(" Total Memory:", bytesSize(info.MemTotal ?? 0));
  some(" Name:", info.Name);
  some(" ID:", info.ID);
  plain(" Docker Root Dir:", info.DockerRootDir);
  plain(" Debug Mode:", info.Debug ?? false);
  if (info.Debug) {
    plain("  File Descriptors:", info.NFd ?? 0);
    plain("  Goroutines:", info.NGoroutines ?? 0);
    plain("  System Time:", info.SystemTime);
    plain("  EventsListeners:", info.NEventsListener ?? 0);
  }
  some(" HTTP Proxy:", info.HttpProxy);
  some(" HTTPS Proxy:", info.HttpsProxy);
  some(" No Proxy:", info.NoProxy);
  some(" Username:", user);
  list(" Labels:", info.Labels ?? []);
  plain(" Experimental:", info.ExperimentalBuild ?? false);
  lines.push(...registryLines(info));
  plain(" Live Restore Enabled:", info.LiveRestoreEnabled ?? false);
  some(" Product License:", info.ProductLicense);
  const pools = info.DefaultAddressPools ?? [];
  if (pools.length)
    lines.push(" Default Address Pools:", ...pools.map(({ Base, Size }) => `   Base: ${Base}, Size: ${Size}`));
  return lines;
}

/** "name=seccomp,profile=default" -> two lines. */
function securityLines(options: string[]): string[] {
  if (options.length === 0) return [];
  const lines = options.flatMap((option) => {
    const fields = new Map(option.split(",").map((field) => field.split("=", 2) as [string, string]));
    const profile = fields.get("profile");
    return [`  ${fields.get("name") ?? option}`, ...(profile ? [`   Profile: ${profile}`] : [])];
  });
  return [" Security Options:", ...lines];
}

function registryLines({ RegistryConfig: config }: Info): string[] {
  if (!config) return [];
  const insecure = Object.values(config.IndexConfigs ?? {}).flatMap(({ Name, Secure }) =>
    Secure ? [] : [`  ${Name}`],
  );
  const ranges = (config.InsecureRegistryCIDRs ?? []).map((range) => `  ${range}`);
  const any = ranges.length > 0 || Object.keys(config.IndexConfigs ?? {}).length > 0;
  const mirrors = (config.Mirrors ?? []).map((mirror) => `  ${mirror}`);
  return [
    ...(any ? [" Insecure Registries:", ...insecure, ...ranges] : []),
    ...(mirrors.length ? [" Registry Mirrors:", ...mirrors] : []),
  ];
}
