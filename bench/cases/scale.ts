/** What grows with the number of containers: starts, lists, memory. */
import { type Case, fill, median, named, remove, removeMany, start, timed } from "../case.ts";
import { memoryOf } from "../memory.ts";

const FILL_SECONDS = 600;

const crowd = (count: number): Case => ({
  name: `beside ${count}`,
  runs: 1,
  unit: "ms",
  async before(engine) {
    const reached = await fill(engine, named("c", count), performance.now() + FILL_SECONDS * 1000);
    if (reached < count) console.log(`(${engine.name}: only ${reached} containers after ${FILL_SECONDS} s)`);
  },
  async measure(engine) {
    const times: { start: number[]; ps: number[] } = { start: [], ps: [] };
    for (let index = 0; index < 7; index++) {
      times.start.push(await timed(() => start(engine, "one")));
      await remove(engine, "one");
      times.ps.push(await timed(() => engine.docker("ps")));
    }
    return { "run -d": median(times.start), ps: median(times.ps) };
  },
  after: async (engine) => removeMany(engine, await containers(engine)),
});

const MEASURED = named("m", 20);

export const scale: Case[] = [
  {
    name: "memory",
    runs: 1,
    unit: "KiB",
    async measure(engine) {
      const idle = memoryOf(engine);
      await fill(engine, MEASURED, Number.POSITIVE_INFINITY);
      const loaded = memoryOf(engine);
      const { length } = MEASURED;
      return {
        "idle, PSS": idle.pss,
        "idle, as if alone": idle.alone,
        // the engine's own growth apart: it is mostly what it would have grown by for any requests
        "per container, kept for it": (loaded.pss - loaded.engine - (idle.pss - idle.engine)) / length,
        "per container, and in the engine": (loaded.engine - idle.engine) / length,
      };
    },
    after: (engine) => removeMany(engine, MEASURED),
  },
  crowd(10),
  crowd(100),
  crowd(500),
];

async function containers(engine: Parameters<typeof start>[0]): Promise<string[]> {
  return (JSON.parse(await engine.api("GET", "/containers/json?all=1")) as { Id: string }[]).map(({ Id }) => Id);
}
