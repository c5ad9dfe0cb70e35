/** Where a container says what it may reach: an annotation, or a label for clients that know no annotations. */
import type { ContainerConfig, HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import { EGRESS, parseEgress } from "../networks/egress-policy.ts";
import type { ContainerRecord } from "./container.ts";
import { sharedWith } from "./modes.ts";

/** The list as it was written; undefined: none, everything may be reached. The annotation counts if there are both. */
export function egressOf({ config, hostConfig }: Pick<ContainerRecord, "config" | "hostConfig">): string | undefined {
  return hostConfig.Annotations?.[EGRESS] ?? config.Labels?.[EGRESS];
}

/** At create. @throws EngineError invalid: unreadable, or a network namespace that is not the container's own */
export function checkEgress(config: ContainerConfig, hostConfig: HostConfig): void {
  const text = egressOf({ config, hostConfig });
  if (text === undefined) return;
  parseEgress(text, EGRESS);
  const mode = hostConfig.NetworkMode;
  if (mode === "host") throw invalid(`${EGRESS}: the host's network is the host's own: use a bridge network`);
  if (sharedWith(mode) !== undefined)
    throw invalid(`${EGRESS}: the network is another container's: give the list to that one`);
}
