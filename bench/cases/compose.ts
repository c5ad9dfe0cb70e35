/** A project of compose, by the clients at hand: Debian's of version 1, and the newest of version 2 that was fetched. */
import { existsSync, globSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { packagedCompose } from "../../tests/clients/clients.ts";
import { type Case, timed } from "../case.ts";
import type { BenchEngine } from "../engines.ts";

const SERVICES = ["database", "queue", "worker", "web", "proxy"];

type Client = { title: string; program: string; quiet: string[]; skip(): Promise<string | false> };

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const fetched = globSync(join(cache, "cloche/clients-*/usr/libexec/docker/cli-plugins/docker-compose")).sort();

export const compose: Case[] = [
  caseOf({
    title: "compose, five services",
    program: "/usr/bin/docker-compose",
    quiet: ["--no-ansi"],
    skip: async () =>
      existsSync("/usr/bin/docker-compose") ? await packagedCompose() : "docker-compose is not installed",
  }),
  caseOf({
    title: "compose 2, five services",
    program: fetched[0] ?? "",
    quiet: ["--ansi", "never"],
    skip: async () => fetched.length === 0 && "there is no compose 2 in the cache: `npm run test:clients` fetches it",
  }),
];

function caseOf({ title, program, quiet, skip }: Client): Case {
  async function run(engine: BenchEngine, ...words: string[]): Promise<void> {
    const all = ["-p", "bench", "-f", projectFile(engine), ...quiet, ...words];
    const { code, stderr } = await engine.program(program, ...all);
    if (code !== 0) throw new Error(`${engine.name}: docker-compose ${words.join(" ")}: ${stderr}`);
  }
  return {
    name: title,
    runs: 3,
    unit: "ms",
    aim: { up: 3 },
    skip,
    async before(engine) {
      const service = (name: string, index: number) =>
        `  ${name}:\n    image: busybox\n    command: sleep 10000\n${index > 0 ? `    depends_on: [${SERVICES[index - 1]}]\n` : ""}`;
      writeFileSync(projectFile(engine), `services:\n${SERVICES.map(service).join("")}`);
    },
    measure: async (engine) => ({
      up: await timed(() => run(engine, "up", "-d")),
      down: await timed(() => run(engine, "down", "-t", "0")),
    }),
    after: (engine) => run(engine, "down", "-t", "0"),
  };
}

const projectFile = (engine: BenchEngine) => join(engine.scratch, "docker-compose.yml");
