import type { HealthConfig } from "../../wire/container.ts";
import type { ContainerFlags } from "./create-body.ts";

/** --health-* and --no-healthcheck; undefined leaves the image's own check. */
export function healthOf(flags: ContainerFlags): HealthConfig | undefined {
  const durations = {
    interval: flags.healthInterval,
    timeout: flags.healthTimeout,
    retries: flags.healthRetries,
    "start-period": flags.healthStartPeriod,
    "start-interval": flags.healthStartInterval,
  };
  const asked = flags.healthCmd !== "" || Object.values(durations).some((value) => value !== 0);
  if (flags.noHealthcheck) {
    if (asked) throw new Error("--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!asked) return undefined;
  for (const [name, value] of Object.entries(durations))
    if (value < 0) throw new Error(`--health-${name} cannot be negative`);
  return {
    ...(flags.healthCmd && { Test: ["CMD-SHELL", flags.healthCmd] }),
    ...(flags.healthInterval && { Interval: flags.healthInterval }),
    ...(flags.healthTimeout && { Timeout: flags.healthTimeout }),
    ...(flags.healthStartPeriod && { StartPeriod: flags.healthStartPeriod }),
    ...(flags.healthStartInterval && { StartInterval: flags.healthStartInterval }),
    ...(flags.healthRetries && { Retries: flags.healthRetries }),
  };
}
