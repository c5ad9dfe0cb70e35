/** The stream of the glass: topics, what feeds them, and who listens to which. */
import { type Hello, TICK_MS, TOPICS } from "../../../wire/glass.ts";
import { EngineError, invalid } from "../../errors.ts";
import type { EventBus } from "../../events.ts";
import type { Sampler } from "../../sampling/sampler.ts";
import type { Glass } from "../index.ts";
import type { GlassDeps } from "../surroundings.ts";
import { createAround } from "./around.ts";
import type { Member, Source } from "./audience.ts";
import { type ContainersDeps, containersSource } from "./containers.ts";
import { eventsSource, oomSource } from "./happenings.ts";
import { processesSource } from "./processes.ts";
import { cgroupsSource, mapSources, samplesSource } from "./ticks.ts";

export type { Member } from "./audience.ts";
export type Live = ReturnType<typeof createLive>;

export type LiveDeps = ContainersDeps &
  GlassDeps & {
    events: EventBus;
    sampler: Sampler;
    glass: Pick<Glass, "oom">;
    /** of the hello, what does not change */
    about: Pick<Hello, "cpus" | "memory" | "cgroupVersion" | "lab">;
    now: () => number;
  };

/** As many as a page could want. */
const TOPICS_AT_MOST = 32;

export function createLive(deps: LiveDeps) {
  const { sampler, events, glass, log } = deps;
  const around = createAround(deps);
  const sources: Record<(typeof TOPICS)[number], Source> = {
    containers: containersSource(deps),
    samples: samplesSource(sampler),
    events: eventsSource(events),
    oom: oomSource({ sampler, events, log, oom: glass.oom }),
    processes: processesSource({ ...deps, around }),
    cgroups: cgroupsSource({ ...deps, version: deps.about.cgroupVersion }),
  };
  const mapOf = mapSources({ ...deps, around });

  const sourceOf = (topic: string): Source => {
    if (topic.startsWith("map:")) return mapOf(topic.slice("map:".length));
    const known = TOPICS.find((name) => name === topic);
    if (known === undefined) throw invalid(`there is no topic "${topic}": ${ALLOWED}`);
    return sources[known];
  };
  return {
    /**
     * @param asked names with commas between
     * @returns how to begin, once the answer's head is out, which returns how to end
     * Throws invalid for an unknown topic, not-found for the map of an unknown container.
     */
    prepare(asked: string): (member: Member, since?: bigint) => () => void {
      const topics = [...new Set(asked.split(",").map((topic) => topic.trim()))].filter((topic) => topic !== "");
      if (topics.length === 0) throw invalid(`the stream needs topics: ${ALLOWED}`);
      if (topics.length > TOPICS_AT_MOST) throw invalid(`at most ${TOPICS_AT_MOST} topics in one stream`);
      for (const topic of topics) sourceOf(topic);
      return (member, since) => {
        const hello: Hello = { topics, at: deps.now(), tick: TICK_MS, ...deps.about };
        member.take({ event: "hello", json: JSON.stringify(hello), once: true });
        const leaves = topics.map((topic) => join(topic, member, since));
        return () => {
          for (const leave of leaves) leave();
        };
      };
    },
  };

  /** A container may have gone since the topics were checked. */
  function join(topic: string, member: Member, since: bigint | undefined): () => void {
    try {
      return sourceOf(topic).join(member, since);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      member.take({ event: "trouble", json: JSON.stringify({ topic, reason: error.message }), once: true });
      return () => {};
    }
  }
}

const ALLOWED = `topics are ${TOPICS.join(", ")}, and map:ID for each container whose processes are wanted, with commas between`;
