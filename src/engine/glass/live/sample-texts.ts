/** Samples as JSON. Of a container that rests, all but the time is as it was, and its text is kept. */
import type { ContainerSample, SamplesMessage } from "../../../wire/glass.ts";

type Parts = Omit<ContainerSample, "id" | "at">;

/** @returns the JSON of a tick: call it with one after the other (see Sampler.listen for what is the same object) */
export function sampleTexts(): (tick: SamplesMessage) => string {
  let known = new Map<string, { parts: Parts; text: string }>();
  return ({ containers, ...about }) => {
    const now: typeof known = new Map();
    const texts = containers.map(({ id, at, ...parts }) => {
      const before = known.get(id);
      const one =
        before !== undefined && sameParts(before.parts, parts)
          ? before
          : { parts, text: JSON.stringify(parts).slice(1) };
      now.set(id, one);
      return `{"id":${JSON.stringify(id)},"at":${at},${one.text}`;
    });
    known = now;
    return `${JSON.stringify(about).slice(0, -1)},"containers":[${texts.join(",")}]}`;
  };
}

const sameParts = (a: Parts, b: Parts) =>
  a.cpu === b.cpu &&
  a.memory === b.memory &&
  a.pids === b.pids &&
  a.io === b.io &&
  a.network === b.network &&
  a.pressure === b.pressure;
