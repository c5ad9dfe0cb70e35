/** The engine's options: dockerd's flags and daemon.json keys, as far as they mean something here. */
import { parseArgs } from "node:util";
import { readConfigFile } from "./config-file.ts";
import { type ContainerOptions, containerOptions } from "./container-flags.ts";
import { FLAGS } from "./flags.ts";
import { OptionError } from "./option-error.ts";

export type EngineOptions = ContainerOptions & {
  hosts: string[];
  dataRoot: string;
  execRoot: string;
  pidfile: string;
  bridge: string;
  bip: string;
  /** "" : what suits the host */
  cgroupDriver: string;
  /** "" : what suits the driver */
  cgroupParent: string;
  registryMirrors: string[];
  insecureRegistries: string[];
  /** Refuse every registry connection that does not go to a loopback address. */
  registryLoopbackOnly: boolean;
  logLevel: string;
  /** of containers that ask for none */
  logDriver: string;
  /** default, USER or USER:GROUP; "" for the host's user namespace */
  usernsRemap: string;
  logOptions: Record<string, string>;
  /** 127.0.0.1:PORT, where the page is served; "": not before somebody asks for it (POST /cloche/v1/ui) */
  ui: string;
  /** 127.0.0.1:PORT, where /metrics is served beside the sockets; "": nowhere */
  metricsAddress: string;
  /** NAME=VALUE, told by docker info */
  labels: string[];
  /** A teacher's engine: containers with a wall left out can be started. */
  lab: boolean;
};

/**
 * Flags win over the configuration file; a key given in both is refused, as dockerd does.
 * @returns undefined when --help was asked for
 * @throws OptionError with cause and cure
 */
export function readEngineOptions(argv: string[]): EngineOptions | undefined {
  const flags = parse(argv);
  if (flags.help) return undefined;
  const file: Flags = readConfigFile(flags["config-file"]);
  for (const key of Object.keys(file)) {
    if (key in flags)
      throw new OptionError(`the option ${key} is given as a flag and in the configuration file: remove one of them`);
  }
  const given: Flags = { ...file, ...flags };
  const execRoot = given["exec-root"] ?? "/run/cloche";
  return {
    hosts: given.host ?? ["unix:///run/cloche/cloche.sock"],
    dataRoot: absolute("data-root", given["data-root"] ?? "/var/lib/cloche"),
    execRoot: absolute("exec-root", execRoot),
    pidfile: given.pidfile ?? `${execRoot}/engine.pid`,
    bridge: given.bridge ?? "cloche0",
    bip: given.bip ?? "",
    cgroupDriver: cgroupDriver(given["cgroup-driver"], given["exec-opt"] ?? []),
    cgroupParent: given["cgroup-parent"] ?? "",
    registryMirrors: given["registry-mirror"] ?? [],
    insecureRegistries: given["insecure-registry"] ?? [],
    registryLoopbackOnly: given["registry-loopback-only"] ?? false,
    usernsRemap: given["userns-remap"] ?? "",
    logDriver: given["log-driver"] ?? "json-file",
    logOptions: logOptions(given["log-opt"] ?? []),
    ui: given.ui ?? "",
    metricsAddress: metricsAddress(given["metrics-addr"] ?? ""),
    labels: labels(given.label ?? []),
    lab: given.lab ?? false,
    ...containerOptions(given),
    logLevel: logLevel(given.debug ? "debug" : (given["log-level"] ?? "info")),
  };
}

/** Names of the options, as the fields are called, whose values differ. */
export function changedOptions(before: EngineOptions, after: EngineOptions): (keyof EngineOptions)[] {
  const names = Object.keys(after) as (keyof EngineOptions)[];
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

type Flags = ReturnType<typeof parse>;

function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new OptionError(`${(error as Error).message}; see cloche engine --help`);
  }
}

function logOptions(given: string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const cut = text.indexOf("=");
      if (cut < 1) throw new OptionError(`--log-opt takes NAME=VALUE, not "${text}"`);
      return [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );
}

/** @throws OptionError when one is no NAME=VALUE, or a name has two values */
function labels(given: string[]): string[] {
  const seen = new Map<string, string>();
  for (const label of given) {
    const name = label.slice(0, label.indexOf("="));
    if (name === "") throw new OptionError(`bad attribute format: ${label} (NAME=VALUE is expected)`);
    const other = seen.get(name);
    if (other !== undefined && other !== label) throw new OptionError(`conflict labels for ${label} and ${other}`);
    seen.set(name, label);
  }
  return [...seen.values()];
}

/** @throws OptionError in dockerd's words */
function cgroupDriver(flag: string | undefined, execOptions: string[]): string {
  let driver = flag ?? "";
  for (const option of execOptions) {
    const [name, value = ""] = option.split("=");
    if (name !== "native.cgroupdriver") throw new OptionError(`unknown option: ${option}`);
    if (flag !== undefined && flag !== value)
      throw new OptionError(
        `--cgroup-driver ${flag} and --exec-opt ${option} contradict each other: remove one of them`,
      );
    driver = value;
  }
  if (!["", "cgroupfs", "systemd"].includes(driver))
    throw new OptionError(`native.cgroupdriver option ${driver} not supported (cgroupfs or systemd)`);
  return driver;
}

/** As api/listen.ts checks it; here with the cure, before anything is started. */
function metricsAddress(address: string): string {
  if (address === "" || /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d{1,5}$/.test(address)) return address;
  throw new OptionError(
    `--metrics-addr ${address}: metrics name containers and images and know no password, so they are served on loopback addresses only; take 127.0.0.1:PORT, with a proxy that checks who asks in front of it`,
  );
}

function absolute(name: string, path: string): string {
  if (!path.startsWith("/")) throw new OptionError(`--${name} must be an absolute path, not "${path}"`);
  return path.replace(/\/+$/, "") || "/";
}

function logLevel(level: string): string {
  if (!["debug", "info", "warn", "error", "fatal"].includes(level))
    throw new OptionError(`unable to parse logging level: ${level} (one of debug, info, warn, error, fatal)`);
  return level;
}
