/** What is timed: each case is one thing that a user types, by the same docker CLI on both engines. */
import type { BenchEngine } from "./engines.ts";

export type Case = {
  name: string;
  /** dockerd's time over ours that is aimed at, where there is an aim */
  aim?: number;
  runs: number;
  before?(engine: BenchEngine): Promise<void>;
  run(engine: BenchEngine, round: number): Promise<void>;
  after?(engine: BenchEngine): Promise<void>;
};

const start = (engine: BenchEngine, name: string) =>
  engine.docker("run", "-d", "--name", name, "busybox", "sleep", "1000");
const remove = (engine: BenchEngine, ...names: string[]) => engine.docker("rm", "-f", ...names);

/** A case about one container that runs meanwhile. */
function beside(name: string, runs: number, words: string[], aim?: number): Case {
  return {
    name,
    runs,
    ...(aim === undefined ? {} : { aim }),
    before: (engine) => start(engine, "beside"),
    run: (engine) => engine.docker(...words),
    after: (engine) => remove(engine, "beside"),
  };
}

export const cases: Case[] = [
  { name: "version", runs: 10, run: (engine) => engine.docker("version") },
  beside("ps", 10, ["ps"]),
  beside("inspect", 10, ["inspect", "beside"]),
  {
    name: "run --rm, network none",
    aim: 8,
    runs: 12,
    run: (engine) => engine.docker("run", "--rm", "--network", "none", "busybox", "true"),
  },
  {
    name: "run --rm, network host",
    aim: 5,
    runs: 12,
    run: (engine) => engine.docker("run", "--rm", "--network", "host", "busybox", "true"),
  },
  {
    name: "run --rm, network bridge",
    aim: 8,
    runs: 12,
    run: (engine) => engine.docker("run", "--rm", "busybox", "true"),
  },
  {
    name: "run -d and rm -f",
    aim: 6,
    runs: 10,
    async run(engine, round) {
      await start(engine, `d${round}`);
      await remove(engine, `d${round}`);
    },
  },
  beside("exec", 10, ["exec", "beside", "true"], 3),
  beside("top", 10, ["top", "beside"]),
  beside("stats --no-stream", 3, ["stats", "--no-stream"], 50),
  {
    name: "20 starts and removals at once",
    aim: 6,
    runs: 2,
    async run(engine, round) {
      const names = Array.from({ length: 20 }, (_, index) => `p${round}-${index}`);
      await Promise.all(names.map((name) => start(engine, name)));
      await remove(engine, ...names);
    },
  },
  {
    name: "logs of 200,000 lines",
    aim: 3,
    runs: 3,
    async before(engine) {
      await engine.docker("run", "--name", "lines", "busybox", "seq", "1", "200000");
    },
    run: (engine) => engine.docker("logs", "lines"),
    after: (engine) => remove(engine, "lines"),
  },
];
