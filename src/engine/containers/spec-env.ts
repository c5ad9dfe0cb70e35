/** The environment of a process. Pure. */
import { defaultPath } from "../../isolation/defaults.ts";
import type { ContainerConfig } from "../../wire/container.ts";

/** Docker's own variables, then the container's over them; a word without "=" takes a variable away. */
export function environment(request: {
  config: Pick<ContainerConfig, "Env" | "Tty">;
  hostname: string;
  /** variables that come from links */
  linked?: string[];
  /** from passwd */
  home: string;
}): string[] {
  const { config, hostname, home } = request;
  const variables = new Map<string, string>([["PATH", defaultPath]]);
  if (hostname !== "") variables.set("HOSTNAME", hostname);
  if (config.Tty) variables.set("TERM", "xterm");
  for (const entry of [...(request.linked ?? []), ...config.Env]) {
    const cut = entry.indexOf("=");
    if (cut < 0) variables.delete(entry);
    else variables.set(entry.slice(0, cut), entry.slice(cut + 1));
  }
  // Last, as runc does.
  if (!variables.get("HOME")) {
    variables.delete("HOME");
    variables.set("HOME", home);
  }
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
