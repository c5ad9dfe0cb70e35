/** Docker's namespace modes: "", host, private, shareable, none, container:REF. */

/** The other container's name or id in "container:REF"; undefined for every other mode. */
export function sharedWith(mode: string): string | undefined {
  return mode.startsWith("container:") ? mode.slice("container:".length) : undefined;
}

/** The container joins a network of the engine's (not host, none or another container's). */
export function isUserNetwork(mode: string): boolean {
  return !["default", "bridge", "host", "none"].includes(mode) && sharedWith(mode) === undefined;
}

/** The container has a network namespace of its own. */
export function ownsNetwork(mode: string): boolean {
  return mode !== "host" && sharedWith(mode) === undefined;
}
