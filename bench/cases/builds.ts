/** docker build: three steps that run, one that copies, by both protocols of the one CLI that has them without a plugin. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dockerClients } from "../../tests/clients/clients.ts";
import { type Case, timed } from "../case.ts";
import type { BenchEngine } from "../engines.ts";

const FILES = 50;
const DOCKERFILE = `FROM busybox
ENV A=1
COPY files /files
RUN echo one >/one
RUN echo two >/two && rm -r /files
WORKDIR /here
RUN echo three >three
CMD ["true"]
`;

const client = (await dockerClients()).find(({ version }) => version.startsWith("20."));

export const builds: Case[] = [
  caseOf({ title: "docker build", buildkit: "0" }),
  caseOf({ title: "docker build by BuildKit's protocol", buildkit: "1" }),
];

function caseOf({ title, buildkit }: { title: string; buildkit: string }): Case {
  async function build(engine: BenchEngine, ...words: string[]): Promise<void> {
    const docker = [`DOCKER_BUILDKIT=${buildkit}`, client?.path ?? "", "build", "-q", ...words, contextOf(engine)];
    const { code, stderr } = await engine.program("env", ...docker);
    if (code !== 0) throw new Error(`${engine.name}: docker build: ${stderr}`);
  }
  return {
    name: title,
    runs: 5,
    unit: "ms",
    skip: async () => client === undefined && "there is no docker CLI 20.10",
    async before(engine) {
      mkdirSync(join(contextOf(engine), "files"), { recursive: true });
      writeFileSync(join(contextOf(engine), "Dockerfile"), DOCKERFILE);
      for (let n = 0; n < FILES; n++) writeFileSync(join(contextOf(engine), `files/${n}`), `${n}\n`.repeat(1000));
    },
    measure: async (engine) => ({
      anew: await timed(() => build(engine, "--no-cache")),
      cached: await timed(() => build(engine)),
    }),
    after: async (engine) => void (await engine.docker("image", "prune", "-f")),
  };
}

const contextOf = (engine: BenchEngine) => join(engine.scratch, "build");
