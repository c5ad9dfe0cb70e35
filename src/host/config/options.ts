/** The engine's options: dockerd's flags and daemon.json keys, as far as they mean something here. */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { standingKey } from "./standing-keys.ts";

export type EngineOptions = {
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
  /** A teacher's engine: containers with a wall left out can be started. */
  lab: boolean;
};

export class OptionError extends Error {}

const FLAGS = {
  host: {
    type: "string",
    short: "H",
    multiple: true,
    help: "address to listen on: unix:///path or tcp://127.0.0.1:port (repeatable)",
  },
  "data-root": {
    type: "string",
    help: "what outlives a reboot: images, containers, volumes (default /var/lib/cloche)",
  },
  "exec-root": { type: "string", help: "what does not: sockets, exit records (default /run/cloche)" },
  pidfile: { type: "string", short: "p", help: "file for the engine's PID (default EXEC_ROOT/engine.pid)" },
  bridge: {
    type: "string",
    short: "b",
    help: "bridge of the default network, made if missing (default cloche0); none: no default network",
  },
  bip: { type: "string", help: "address and prefix of the bridge, as 172.18.0.1/16 (default: a free one is chosen)" },
  "cgroup-driver": {
    type: "string",
    help: "who makes containers' cgroups: cgroupfs or systemd (default: systemd where it runs with cgroup v2)",
  },
  "exec-opt": { type: "string", multiple: true, help: "native.cgroupdriver=DRIVER, as dockerd takes it" },
  "cgroup-parent": {
    type: "string",
    help: "cgroup below which containers live (default /docker; with systemd a slice, default system.slice)",
  },
  "registry-mirror": { type: "string", multiple: true, help: "mirror of Docker Hub (repeatable)" },
  "insecure-registry": {
    type: "string",
    multiple: true,
    help: "registry reached by HTTP or with any certificate (repeatable)",
  },
  "registry-loopback-only": {
    type: "boolean",
    help: "refuse registries that are not on a loopback address of this host",
  },
  "config-file": { type: "string", help: "JSON file with the same keys (default /etc/cloche/engine.json)" },
  "log-level": { type: "string", short: "l", help: "debug, info, warn, error, fatal (default info)" },
  "userns-remap": {
    type: "string",
    help: "user (or user:group) whose subordinate ids are the containers' ids; default: dockremap",
  },
  "log-driver": { type: "string", help: "log driver of containers: json-file, local or none (default json-file)" },
  "log-opt": { type: "string", multiple: true, help: "option of that driver, as max-size=10m (repeatable)" },
  ui: {
    type: "string",
    help: "loopback address to serve the page on, as 127.0.0.1:8420; cloche ui prints links to it",
  },
  "metrics-addr": {
    type: "string",
    help: "loopback address to serve /metrics on for Prometheus, as 127.0.0.1:9323 (the sockets have it in any case)",
  },
  lab: {
    type: "boolean",
    help: "let cloche container explain --without start containers that lack a part of their isolation, to show what it is for",
  },
  debug: { type: "boolean", short: "D", help: "the same as --log-level debug" },
  help: { type: "boolean", short: "h", help: "this text" },
} as const;

/** Text of `cloche engine --help`. */
export function engineHelp(): string {
  const rows = Object.entries(FLAGS).map(([name, flag]) => {
    const short = "short" in flag ? `-${flag.short}, ` : "    ";
    return `  ${short}--${name}`.padEnd(32) + flag.help;
  });
  return `Usage:  cloche engine [OPTIONS]\n\nThe container engine, in the foreground. It speaks the Docker Engine API.\n\nOptions:\n${rows.join("\n")}\n`;
}

/** Keys that dockerd's daemon.json spells in the plural. */
const PLURALS: Record<string, string> = {
  hosts: "host",
  "registry-mirrors": "registry-mirror",
  "insecure-registries": "insecure-registry",
  "log-opts": "log-opt",
  "exec-opts": "exec-opt",
};

/**
 * Flags win over the configuration file; a key given in both is refused, as dockerd does.
 * @returns undefined when --help was asked for
 * @throws OptionError with cause and cure
 */
export function readEngineOptions(argv: string[]): EngineOptions | undefined {
  const flags = parse(argv);
  if (flags.help) return undefined;
  const file = readConfigFile(flags["config-file"]);
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
    lab: given.lab ?? false,
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

function readConfigFile(path: string | undefined): Flags {
  if (path === undefined && !existsSync("/etc/cloche/engine.json")) return {};
  const file = path ?? "/etc/cloche/engine.json";
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new OptionError(`unable to configure the engine with file ${file}: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new OptionError(`${file}: not a JSON object`);
  const flags: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [key, sent] of Object.entries(parsed)) {
    const value = key === "log-opts" ? pairs(sent) : sent;
    const name = PLURALS[key] ?? key;
    const flag = (FLAGS as Record<string, { type: string; multiple?: boolean }>)[name];
    if (flag === undefined || name === "help" || name === "config-file") {
      const wrong = standingKey(key, sent);
      if (wrong) throw new OptionError(`${file}: ${wrong}`);
      if (wrong === undefined) unknown.push(key);
      continue;
    }
    const fits = flag.multiple
      ? Array.isArray(value) && value.every((item) => typeof item === "string")
      : typeof value === flag.type;
    const kind = key === "log-opts" ? "an object of texts" : flag.multiple ? "a list of texts" : `a ${flag.type}`;
    if (!fits) throw new OptionError(`${file}: ${key} must be ${kind}`);
    flags[name] = value;
  }
  if (unknown.length > 0) {
    throw new OptionError(
      `${file}: the following directives don't match any configuration option: ${unknown.join(", ")}; remove them: cloche engine --help names those that there are`,
    );
  }
  return flags as Flags;
}

/** daemon.json has an object where the flag has NAME=VALUE. */
function pairs(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([name, text]) => (typeof text === "string" ? `${name}=${text}` : undefined));
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
