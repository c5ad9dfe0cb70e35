/** What happens once and is told once: docker's events, and the kernel's kills for memory. */
import type { OomAnswer } from "../../../wire/glass.ts";
import { jsonLine } from "../../../wire/json-lines.ts";
import type { EngineEvent, EventBus } from "../../events.ts";
import { eventJson } from "../../events-query.ts";
import type { Sampler } from "../../sampling/sampler.ts";
import { audience, type Message, type Source } from "./audience.ts";

/** Topic "events". One who was here before hears what it has missed, as far as it is remembered. */
export function eventsSource(events: Pick<EventBus, "subscribe" | "past">): Source {
  const message = (event: EngineEvent): Message => ({
    event: "events",
    json: jsonLine(eventJson(event)).trim(),
    once: true,
  });
  const listeners = audience(
    () => events.subscribe((event) => listeners.send(message(event))),
    (member, since) => {
      if (since === undefined) return;
      for (const event of events.past(since + 1n)) member.take(message(event));
    },
  );
  return listeners;
}

export type OomDeps = {
  sampler: Pick<Sampler, "listen">;
  events: Pick<EventBus, "subscribe">;
  oom: (id: string) => Promise<OomAnswer>;
  log: (message: string, details: Record<string, unknown>) => void;
};

/** Topic "oom": a report when a counter has grown in a container that goes on, and one when a run with kills has ended. */
export function oomSource({ sampler, events, oom, log }: OomDeps): Source {
  const report = (id: string) =>
    oom(id).then(
      (answer) => answer.report && listeners.send({ event: "oom", json: JSON.stringify(answer), once: true }),
      (error: unknown) => log("report a kill for memory", { container: id, error }),
    );
  const listeners = audience(() => {
    const seen = new Map<string, number>();
    let first = true;
    const stopTicks = sampler.listen(({ containers }) => {
      for (const { id, memory } of containers) {
        const kills = memory.oomKills ?? 0;
        // What was killed before anybody listened is no news: GET /cloche/v1/oom has it.
        if (!first && kills > (seen.get(id) ?? 0)) void report(id);
        seen.set(id, kills);
      }
      first = false;
    });
    const stopEvents = events.subscribe(({ Type, Action, Actor }) => {
      if (Type !== "container") return;
      if (Action === "start" || Action === "destroy") seen.delete(Actor.ID);
      if (Action === "oom") void report(Actor.ID);
    });
    return () => {
      stopTicks();
      stopEvents();
    };
  });
  return listeners;
}
