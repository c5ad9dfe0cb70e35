/** Capabilities of the container's processes: docker's defaults, `--cap-add`, `--cap-drop`, `--privileged`. Pure. */
import { defaultCapabilities } from "../../isolation/defaults.ts";
import { capabilityNames, parseCapabilities } from "../../kernel/capabilities.ts";
import type { HostConfig } from "../../wire/container.ts";

/**
 * @param held what the engine itself has: nobody can give away more, and capset(2) would refuse the whole set
 * @returns names without CAP_, in the order of their numbers
 */
export function capabilitiesOf(
  host: Pick<HostConfig, "CapAdd" | "CapDrop" | "Privileged">,
  held: readonly string[],
): string[] {
  const wanted = new Set(host.Privileged ? capabilityNames : chosen(host.CapAdd ?? [], host.CapDrop ?? []));
  return capabilityNames.filter((name) => wanted.has(name) && held.includes(name));
}

function chosen(add: string[], drop: string[]): readonly string[] {
  const isAll = (text: string) => text.toUpperCase().replace(/^CAP_/, "") === "ALL";
  if (drop.some(isAll)) return parseCapabilities(add);
  const dropped = parseCapabilities(drop);
  if (add.some(isAll)) return capabilityNames.filter((name) => !dropped.includes(name));
  // What is both added and dropped by name is there: docker adds last.
  return [...defaultCapabilities.filter((name) => !dropped.includes(name)), ...parseCapabilities(add)];
}
