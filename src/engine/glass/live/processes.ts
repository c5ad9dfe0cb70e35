/** Topic "processes": all of the host, told by what has changed. */
import type { HostProcess, Owner } from "../../../wire/glass.ts";
import type { Sampler } from "../../sampling/sampler.ts";
import { ownerText } from "../owner.ts";
import type { GlassHost, Observed } from "../ports.ts";
import type { Around } from "./around.ts";
import { audience, type Source } from "./audience.ts";
import { deltas, type Entry } from "./deltas.ts";
import { everyTick } from "./ticks.ts";

/** Linux's USER_HZ. */
const TICKS_PER_SECOND = 100;

export type ProcessesDeps = {
  sampler: Pick<Sampler, "listen">;
  around: Around;
  host: Pick<GlassHost, "userName" | "bootTime">;
  log: (message: string, details: Record<string, unknown>) => void;
};

export function processesSource({ sampler, around, host, log }: ProcessesDeps): Source {
  let unreadable = 0;
  const told = deltas<number>(
    "processes",
    ({ full, items, gone }) =>
      `{"full":${full},"processes":[${items}],"gone":${JSON.stringify(gone)},"unreadable":${unreadable}}`,
  );
  const listeners = audience(
    () => {
      const known = new WeakMap<Observed, { owner: Owner; entry: Entry }>();
      const release = around.use();
      const look = async () => {
        const now = await around.now();
        unreadable = now.unreadable;
        const booted = host.bootTime() * 1000;
        const entries = new Map<number, Entry>();
        for (const process of now.seen) {
          const owner = around.owner(process);
          let one = known.get(process);
          if (one?.owner !== owner) {
            const json = JSON.stringify(hostProcess(process, { owner, booted, userName: host.userName }));
            one = { owner, entry: { same: json, json } };
            known.set(process, one);
          }
          entries.set(process.pid, one.entry);
        }
        told.update(listeners.members, entries);
      };
      const stop = everyTick(sampler, look, (error) => log("list processes for the stream", { error }));
      return () => {
        stop();
        release();
        told.forget();
      };
    },
    told.welcome,
    told.leave,
  );
  return listeners;
}

function hostProcess(
  { pid, ppid, pids, uid, command, startTime }: Observed,
  about: { owner: Owner; booted: number; userName: GlassHost["userName"] },
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
