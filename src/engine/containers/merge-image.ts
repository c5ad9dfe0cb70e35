/** What a container takes from its image: docker's rules. Pure. */
import type { ContainerConfig } from "../../wire/container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { invalid } from "../errors.ts";

/** @returns the container's configuration with the image's where the user gave none. Throws invalid if there is no command. */
export function mergeImage(user: ContainerConfig, image: ImageConfig): ContainerConfig {
  const merged: ContainerConfig = {
    ...user,
    User: user.User || image.User || "",
    Env: mergeEnv(user.Env, image.Env ?? []),
    WorkingDir: user.WorkingDir || image.WorkingDir || "",
    Labels: { ...image.Labels, ...user.Labels },
    ...mergeCommand(user, image),
  };
  const ports = { ...image.ExposedPorts, ...user.ExposedPorts };
  if (Object.keys(ports).length > 0) merged.ExposedPorts = normalPorts(ports);
  const volumes = { ...image.Volumes, ...user.Volumes };
  merged.Volumes = Object.keys(volumes).length > 0 ? volumes : null;
  const stopSignal = user.StopSignal || image.StopSignal;
  if (stopSignal) merged.StopSignal = stopSignal;
  const shell = user.Shell ?? image.Shell;
  if (shell?.length) merged.Shell = shell;
  const healthcheck = mergeHealthcheck(user.Healthcheck, image.Healthcheck);
  if (healthcheck) merged.Healthcheck = healthcheck;
  if (!merged.Entrypoint?.length && !merged.Cmd?.length) throw invalid("no command specified");
  return merged;
}

/**
 * An entry point of the user's takes the image's command away, since that was meant for the image's entry point; [""]
 * means: none at all.
 */
function mergeCommand(user: ContainerConfig, image: ImageConfig): Pick<ContainerConfig, "Entrypoint" | "Cmd"> {
  if (user.Entrypoint === null) {
    return { Entrypoint: image.Entrypoint ?? null, Cmd: user.Cmd?.length ? user.Cmd : (image.Cmd ?? null) };
  }
  if (user.Entrypoint.length === 1 && user.Entrypoint[0] === "") return { Entrypoint: null, Cmd: user.Cmd };
  if (user.Entrypoint.length === 0) {
    return { Entrypoint: image.Entrypoint ?? null, Cmd: user.Cmd?.length ? user.Cmd : (image.Cmd ?? null) };
  }
  return { Entrypoint: user.Entrypoint, Cmd: user.Cmd };
}

/** The user's, then those of the image that the user does not set. A word without "=" is removed at start. */
function mergeEnv(user: string[], image: string[]): string[] {
  const names = new Set(user.map(envName));
  return [...user, ...image.filter((entry) => !names.has(envName(entry)))];
}

const envName = (entry: string) => entry.split("=", 1)[0] ?? "";

/** "80" is "80/tcp". */
function normalPorts(ports: Record<string, object>): Record<string, object> {
  return Object.fromEntries(Object.keys(ports).map((port) => [port.includes("/") ? port : `${port}/tcp`, {}]));
}

function mergeHealthcheck(
  user: ContainerConfig["Healthcheck"],
  image: ImageConfig["Healthcheck"],
): ContainerConfig["Healthcheck"] {
  if (!user || !image) return user ?? image;
  return {
    ...image,
    ...Object.fromEntries(
      Object.entries(user).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value)),
    ),
  };
}
