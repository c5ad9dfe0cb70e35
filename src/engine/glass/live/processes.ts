/** Topic "processes": all of the host, told by what has changed. */
import type { HostProcess } from "../../../wire/glass.ts";
import type { ContainerStore } from "../../containers/container.ts";
import type { EventBus } from "../../events.ts";
import type { Sampler } from "../../sampling/sampler.ts";
import { ownerOf, ownerText } from "../owner.ts";
import type { GlassHost, Observed } from "../ports.ts";
import { separateNamespaces } from "../surroundings.ts";
import { audience, type Source } from "./audience.ts";
import { deltas, type Entry } from "./deltas.ts";
import { everyTick } from "./ticks.ts";

/** Linux's USER_HZ. */
const TICKS_PER_SECOND = 100;

export type ProcessesDeps = {
  sampler: Pick<Sampler, "listen">;
  events: Pick<EventBus, "subscribe">;
  store: Pick<ContainerStore, "all">;
  host: GlassHost;
  log: (message: string, details: Record<string, unknown>) => void;
};

export function processesSource({ sampler, events, store, host, log }: ProcessesDeps): Source {
  let unreadable = 0;
  const told = deltas<number>(
    "processes",
    ({ full, items, gone }) =>
      `{"full":${full},"processes":[${items}],"gone":${JSON.stringify(gone)},"unreadable":${unreadable}}`,
  );
  const listeners = audience(() => {
    const watch = host.watchProcesses();
    const known = new WeakMap<Observed, Entry>();
    let names: object = {};
    const renamed = events.subscribe(({ Action }) => {
      if (Action === "rename") names = {};
    });
    let namesOf = new WeakMap<Observed, object>();
    const look = async () => {
      const [{ seen, ...rest }, hostNamespaces] = await Promise.all([watch.look(), host.hostNamespaces()]);
      unreadable = rest.unreadable;
      const records = store.all().map(({ record }) => record);
      const booted = host.bootTime() * 1000;
      const entries = new Map<number, Entry>();
      for (const process of seen) {
        let entry = namesOf.get(process) === names ? known.get(process) : undefined;
        if (entry === undefined) {
          const owner = ownerOf(process.cgroups, records, { separate: separateNamespaces(process, hostNamespaces) });
          const json = JSON.stringify(hostProcess(process, { owner, booted, userName: host.userName }));
          entry = { same: json, json };
          known.set(process, entry);
          namesOf.set(process, names);
        }
        entries.set(process.pid, entry);
      }
      told.update(listeners.members, entries);
    };
    const stop = everyTick(sampler, look, (error) => log("list processes for the stream", { error }));
    return () => {
      stop();
      renamed();
      namesOf = new WeakMap();
      told.forget();
    };
  }, told.welcome);
  return {
    join(member) {
      const leave = listeners.join(member);
      return () => {
        told.leave(member);
        leave();
      };
    },
  };
}

function hostProcess(
  { pid, ppid, pids, uid, command, startTime }: Observed,
  about: { owner: ReturnType<typeof ownerOf>; booted: number; userName: GlassHost["userName"] },
): HostProcess {
  const { owner, booted } = about;
  return {
    pid,
    ppid,
    pids,
    uid,
    user: about.userName(uid),
    command,
    startedAt: booted + (startTime * 1000) / TICKS_PER_SECOND,
    owner: ownerText(owner),
    ...(owner.kind === "cloche" && owner.id && { container: owner.id }),
  };
}
