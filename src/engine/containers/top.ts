/** `docker top`: the container's processes as the host's ps shows them. */
import { conflict } from "../errors.ts";
import type { EventBus } from "../events.ts";
import type { Cgroups } from "../ports.ts";
import type { ContainerStore } from "./container.ts";
import { publish } from "./publish.ts";

export type TopTable = { Titles: string[]; Processes: string[][] };

export type TopDeps = {
  store: ContainerStore;
  events: EventBus;
  cgroups: Pick<Cgroups, "pids">;
  /** The rows of these host PIDs, by ps-like arguments ("-ef", "aux", "-o pid,cmd"); nothing of the container is run. */
  topProcesses: (pids: number[], psArgs: string) => Promise<TopTable>;
};

/** @throws EngineError not-found, conflict (not running, restarting), invalid arguments */
export async function topContainer(deps: TopDeps, ref: string, psArgs: string | undefined): Promise<TopTable> {
  const { record } = deps.store.find(ref);
  const { status } = record.state;
  if (status === "restarting") {
    throw conflict(`Container ${record.id} is restarting, wait until the container is running`);
  }
  if (status !== "running" && status !== "paused") throw conflict(`container ${record.id} is not running`);
  const table = await deps.topProcesses(await deps.cgroups.pids(record.cgroupPath), psArgs || "-ef");
  publish(deps.events, record, "top");
  return table;
}
