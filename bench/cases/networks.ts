/** Many containers on one network, and a project of compose. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packagedCompose } from "../../tests/clients/clients.ts";
import { type Case, fill, named, removeMany, timed } from "../case.ts";
import type { BenchEngine } from "../engines.ts";

const JOINING = named("j", 50);
const SERVICES = ["database", "queue", "worker", "web", "proxy"];

export const networks: Case[] = [
  {
    // By the API: fifty CLIs at once would be timed, not the engine.
    name: "50 containers join one network",
    runs: 3,
    aim: 5,
    unit: "ms",
    async before(engine) {
      await engine.docker("network", "create", "joined");
      await fill(engine, JOINING, Number.POSITIVE_INFINITY);
    },
    async measure(engine) {
      const all = (verb: string) =>
        Promise.all(
          JOINING.map((Container) => engine.api("POST", `/networks/joined/${verb}`, { Container, Force: true })),
        );
      const joined = await timed(() => all("connect"));
      await all("disconnect");
      return { "": joined };
    },
    async after(engine) {
      await removeMany(engine, JOINING);
      // dockerd keeps endpoints of containers that are gone, now and then, and refuses: it is removed with all else at the end.
      await engine.program("docker", "network", "rm", "joined");
    },
  },
  {
    name: "compose, five services",
    runs: 3,
    unit: "ms",
    aim: { up: 3 },
    skip: async () =>
      existsSync("/usr/bin/docker-compose") ? await packagedCompose() : "docker-compose is not installed",
    async before(engine) {
      const service = (name: string, index: number) =>
        `  ${name}:\n    image: busybox\n    command: sleep 10000\n${index > 0 ? `    depends_on: [${SERVICES[index - 1]}]\n` : ""}`;
      writeFileSync(projectFile(engine), `version: "3"\nservices:\n${SERVICES.map(service).join("")}`);
    },
    measure: async (engine) => ({
      up: await timed(() => compose(engine, "up", "-d")),
      down: await timed(() => compose(engine, "down", "-t", "0")),
    }),
    after: (engine) => compose(engine, "down", "-t", "0"),
  },
];

const projectFile = (engine: BenchEngine) => join(engine.scratch, "docker-compose.yml");

async function compose(engine: BenchEngine, ...words: string[]): Promise<void> {
  const all = ["-p", "bench", "-f", projectFile(engine), "--no-ansi", ...words];
  const { code, stderr } = await engine.program("/usr/bin/docker-compose", ...all);
  if (code !== 0) throw new Error(`${engine.name}: docker-compose ${words.join(" ")}: ${stderr}`);
}
