/** Wait for an end. The returned promise exists at once, so that the route can flush its headers first. */
import { invalid } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { type ExitStatus, exitOf, isRunning } from "./live.ts";

/**
 * @param condition "" or not-running: now if it does not run; next-exit: its next end; removed: its removal.
 * One that has removed itself already (--rm), asked for by its full id, has ended: no client is late.
 * @returns not a promise of a promise: an unknown container or condition throws at once
 */
export function waitContainer(
  deps: Pick<Deps, "store">,
  ref: string,
  condition: string,
): { exit: Promise<ExitStatus> } {
  if (!["", "not-running", "next-exit", "removed"].includes(condition)) {
    throw invalid(`invalid condition: "${condition}"`);
  }
  const departed = deps.store.departed.get(ref);
  if (departed) return { exit: Promise.resolve(departed) };
  const { record, live } = deps.store.find(ref);
  switch (condition) {
    case "next-exit":
      return { exit: live.stops.next() };
    case "removed":
      return { exit: live.removals.next() };
    default: {
      return { exit: isRunning(record) ? live.stops.next() : Promise.resolve(exitOf(record)) };
    }
  }
}
