/** The signal that asks a container to end. */
import { parseSignal } from "../../kernel/signals.ts";
import type { ContainerConfig } from "../../wire/container.ts";

const SIGTERM = 15;

/** @param config its StopSignal was checked at create; an image's may be anything */
export function stopSignalOf(config: Pick<ContainerConfig, "StopSignal">): number {
  if (!config.StopSignal) return SIGTERM;
  try {
    return parseSignal(config.StopSignal);
  } catch {
    return SIGTERM;
  }
}
