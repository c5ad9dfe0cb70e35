import { setImmediate as turn } from "node:timers/promises";

/** How long one turn may take, ms: others wait for so long. */
const TURN_MS = 4;

/** Quick work on many things, without holding up everything else until the last is done. */
export async function mapInTurns<T, R>(things: Iterable<T>, work: (thing: T) => R): Promise<R[]> {
  const results: R[] = [];
  let began = performance.now();
  for (const thing of things) {
    results.push(work(thing));
    if (performance.now() - began < TURN_MS) continue;
    await turn();
    began = performance.now();
  }
  return results;
}
