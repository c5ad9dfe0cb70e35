/** The engine's flags: dockerd's, as far as they mean something here. */
import { CONTAINER_FLAGS } from "./container-flags.ts";

export const FLAGS = {
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
  ...CONTAINER_FLAGS,
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
  label: { type: "string", multiple: true, help: "NAME=VALUE of the engine, shown by docker info (repeatable)" },
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
