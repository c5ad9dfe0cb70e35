import { homedir } from "node:os";
import { CliError } from "../errors.ts";

/** Where an engine listens. `address` is the text as the user gave it. */
export type Host = { address: string } & ({ socketPath: string } | { host: string; port: number });

export const DEFAULT_HOST = "unix:///run/cloche/cloche.sock";

/** -H, then CLOCHE_HOST, then DOCKER_HOST, then our own default. */
export function chooseHost(option: string | undefined, env: NodeJS.ProcessEnv): Host {
  return parseHost(option || env.CLOCHE_HOST || env.DOCKER_HOST || DEFAULT_HOST);
}

/** @throws CliError for what no engine can be reached by */
export function parseHost(address: string): Host {
  const [, scheme, rest = ""] = /^(\w+):\/\/(.*)$/.exec(address) ?? [];
  if (scheme === "unix") return { address, socketPath: rest.replace(/^~(?=\/)/, homedir()) };
  if (scheme === "tcp" || scheme === "http") {
    const parts = /^(?:\[([^\]]+)\]|([^:/]*))(?::(\d+))?\/?$/.exec(rest);
    if (parts) return { address, host: parts[1] ?? (parts[2] || "localhost"), port: Number(parts[3] ?? 2375) };
  }
  if (scheme === "ssh")
    throw new CliError("ssh:// is not supported yet: use 'docker -H ssh://…', or forward the socket with ssh -L");
  throw new CliError(
    `Failed to initialize: unable to resolve docker endpoint: invalid bind address format: ${address}`,
  );
}
