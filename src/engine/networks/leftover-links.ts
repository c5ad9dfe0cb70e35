/**
 * A container's macvlan or ipvlan interface is removed some moments after its last process, by the kernel's own worker (the
 * network namespace is taken apart asynchronously). Until then its MAC address, its IP address and, in mode passthru, the
 * whole parent are taken, and nobody can see by whom. So a restart may have to try more than once.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Endpoint, LaunchError } from "../ports.ts";

const PATIENCE_MS = 5000;
const PAUSE_MS = 50;

/**
 * @param endpoints of the container
 * @param work is done again when it fails by such a leftover
 */
export async function despiteLeftovers<T>(endpoints: Endpoint[], work: () => Promise<T>): Promise<T> {
  const isConcerned = endpoints.some(isOnParent);
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isConcerned || !isTaken(error) || performance.now() > end) throw error;
      await delay(PAUSE_MS);
    }
  }
}

const isOnParent = ({ hostInterface, interfaceName }: Endpoint) => hostInterface === "" && interfaceName !== undefined;

function isTaken(error: unknown): boolean {
  return (
    error instanceof LaunchError &&
    error.op === "netlink" &&
    ["EBUSY", "EADDRINUSE", "EINVAL", "EEXIST"].includes(error.errno)
  );
}
