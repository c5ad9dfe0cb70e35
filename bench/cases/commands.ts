/** One command of the docker CLI at a time. */
import { type Case, named, remove, start } from "../case.ts";
import type { BenchEngine } from "../engines.ts";

/** A case about one container that runs meanwhile. */
function beside(name: string, runs: number, run: Run, aim?: number): Case {
  return {
    name,
    runs,
    ...(aim === undefined ? {} : { aim }),
    before: (engine) => start(engine, "beside"),
    run,
    after: (engine) => remove(engine, "beside"),
  };
}

type Run = (engine: BenchEngine) => Promise<unknown>;

const docker =
  (...words: string[]) =>
  (engine: BenchEngine) =>
    engine.docker(...words);

const runRm = (network: string, aim: number): Case => ({
  name: `run --rm, network ${network}`,
  aim,
  runs: 15,
  run: docker("run", "--rm", "--network", network, "busybox", "true"),
});

export const commands: Case[] = [
  { name: "version", runs: 10, run: docker("version") },
  beside("ps", 10, docker("ps")),
  beside("inspect", 10, docker("inspect", "beside")),
  runRm("none", 8),
  runRm("host", 5),
  runRm("bridge", 8),
  {
    name: "run -d and rm -f",
    aim: 6,
    runs: 10,
    async run(engine, round) {
      await start(engine, `d${round}`);
      await remove(engine, `d${round}`);
    },
  },
  beside("exec", 12, docker("exec", "beside", "true"), 3),
  beside("exec -it", 12, onTerminal("docker exec -it beside true")),
  beside("top", 10, docker("top", "beside")),
  beside("stats --no-stream", 3, docker("stats", "--no-stream"), 50),
  beside("stats by the API", 3, (engine) => engine.api("GET", "/containers/beside/stats?stream=false"), 50),
  beside("stats by the API, one-shot", 5, (engine) =>
    engine.api("GET", "/containers/beside/stats?stream=false&one-shot=true"),
  ),
  {
    name: "20 starts and removals at once",
    aim: 6,
    runs: 3,
    async run(engine, round) {
      const names = named(`p${round}-`, 20);
      await Promise.all(names.map((name) => start(engine, name)));
      await remove(engine, ...names);
    },
  },
  {
    name: "logs of 200,000 lines",
    aim: 3,
    runs: 5,
    before: docker("run", "--name", "lines", "busybox", "seq", "1", "200000"),
    run: docker("logs", "lines"),
    after: (engine) => remove(engine, "lines"),
  },
];

/** script(1) of util-linux gives it a terminal. */
function onTerminal(line: string): Run {
  return async (engine) => {
    const { code, stdout } = await engine.program("script", "-qec", line, "/dev/null");
    if (code !== 0) throw new Error(`${engine.name}: ${line}: ${stdout}`);
  };
}
