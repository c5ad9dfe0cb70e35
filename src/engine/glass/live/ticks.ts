/** Topics that are told with each tick of the sampler. */
import { EngineError } from "../../errors.ts";
import type { EventBus } from "../../events.ts";
import type { Sampler } from "../../sampling/sampler.ts";
import { cgroupsAnswer, pathOwners } from "../cgroups.ts";
import { mapContainer } from "../map.ts";
import type { GlassHost } from "../ports.ts";
import type { GlassDeps } from "../surroundings.ts";
import type { Around } from "./around.ts";
import { audience, type Member, type Message, type Source } from "./audience.ts";
import { sampleTexts } from "./sample-texts.ts";

/** Topic "samples". */
export function samplesSource(sampler: Pick<Sampler, "listen">): Source {
  let last: string | undefined;
  const listeners = audience(
    () => {
      const textOf = sampleTexts();
      const stop = sampler.listen((tick) => {
        last = textOf(tick);
        listeners.send({ event: "samples", json: last });
      });
      return () => {
        stop();
        last = undefined;
      };
    },
    (member) => last !== undefined && member.take({ event: "samples", json: last }),
  );
  return listeners;
}

/** Work at each tick, never twice at a time. @returns how to stop */
export function everyTick(
  sampler: Pick<Sampler, "listen">,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let busy = false;
  let stopped = false;
  const run = () => {
    if (busy) return;
    busy = true;
    work()
      .catch((error: unknown) => !stopped && failed(error))
      .finally(() => (busy = false));
  };
  const stop = sampler.listen(run);
  run();
  return () => {
    stopped = true;
    stop();
  };
}

/** One JSON text made anew with each tick; told when it has changed, and to those who have missed it. */
export function tickSource(
  deps: {
    sampler: Pick<Sampler, "listen">;
    event: "cgroups" | "map";
    topic: string;
    log: (message: string, details: Record<string, unknown>) => void;
  },
  begin: () => { look: () => Promise<unknown>; end: () => void },
): Source {
  let last: Message | undefined;
  const heard = new Map<Member, string>();
  const tell = (member: Member) => {
    if (last === undefined || heard.get(member) === last.json) return;
    if (member.take(last)) heard.set(member, last.json);
  };
  const say = (message: Message) => {
    last = message;
    for (const member of [...listeners.members]) tell(member);
  };
  const listeners = audience(
    () => {
      const { look, end } = begin();
      const stop = everyTick(
        deps.sampler,
        async () => say({ event: deps.event, json: JSON.stringify(await look()) }),
        (error) => {
          // Of a container that was removed there is nothing to log.
          if (!(error instanceof EngineError)) deps.log("look for the stream", { topic: deps.topic, error });
          say({ event: "trouble", json: JSON.stringify({ topic: deps.topic, reason: reasonOf(error) }) });
        },
      );
      return () => {
        stop();
        last = undefined;
        heard.clear();
        end();
      };
    },
    tell,
    (member) => heard.delete(member),
  );
  return listeners;
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Topic "cgroups". */
export function cgroupsSource(deps: {
  sampler: Pick<Sampler, "listen">;
  events: Pick<EventBus, "subscribe">;
  store: GlassDeps["store"];
  host: GlassHost;
  version: "v1" | "v2";
  log: (message: string, details: Record<string, unknown>) => void;
}): Source {
  return tickSource({ ...deps, event: "cgroups", topic: "cgroups" }, () => {
    const watch = deps.host.watchCgroups();
    let owners = pathOwners(deps.store);
    let changed = true;
    const unsubscribe = deps.events.subscribe(({ Type, Action }) => {
      if (Type === "container" && /^(create|start|die|destroy|rename|exec_)/.test(Action)) changed = true;
    });
    return {
      async look() {
        if (changed) owners = pathOwners(deps.store);
        const asked = { changed };
        changed = false;
        return cgroupsAnswer(deps, await watch.look(asked), owners);
      },
      end() {
        unsubscribe();
        watch.close();
      },
    };
  });
}

/** One source for each container that is looked at. */
export function mapSources(deps: {
  sampler: Pick<Sampler, "listen">;
  store: GlassDeps["store"];
  host: GlassHost;
  around: Around;
  log: (message: string, details: Record<string, unknown>) => void;
}): (ref: string) => Source {
  const sources = new Map<string, Source>();
  const { around, host } = deps;
  /** Its own processes as they are now; of the others, whose namespaces they share, as they were at the last look. */
  const look = (id: string) => mapContainer(deps, id, around.now, (pid) => host.process(pid));
  return (ref) => {
    const { id } = deps.store.find(ref).record;
    const known = sources.get(id);
    if (known) return known;
    const source = tickSource({ ...deps, event: "map", topic: `map:${id}` }, () => {
      const release = around.use();
      return {
        look: () => look(id),
        end() {
          release();
          sources.delete(id);
        },
      };
    });
    sources.set(id, source);
    return source;
  };
}
