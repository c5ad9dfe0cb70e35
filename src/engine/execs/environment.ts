/** The environment of an exec: the engine's, the container's, its own; later ones win. */
import { defaultPath } from "../../isolation/defaults.ts";
import type { ContainerRecord } from "../containers/container.ts";
import type { ExecConfig } from "./exec.ts";

/** @param home of the user, from the container's own passwd; counts if nobody set HOME */
export function execEnvironment(
  { config }: Pick<ContainerRecord, "config">,
  exec: Pick<ExecConfig, "tty" | "env"> & { linked?: string[] },
  home: string,
): string[] {
  const variables = new Map<string, string>();
  const engine = [`PATH=${defaultPath}`, `HOSTNAME=${config.Hostname}`, ...(exec.tty ? ["TERM=xterm"] : [])];
  for (const variable of [...engine, ...(exec.linked ?? []), ...config.Env, ...exec.env]) {
    const cut = variable.indexOf("=");
    // A name alone takes the variable away.
    if (cut < 0) variables.delete(variable);
    else variables.set(variable.slice(0, cut), variable.slice(cut + 1));
  }
  if (!variables.has("HOME")) variables.set("HOME", home);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
