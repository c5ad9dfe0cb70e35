/** DOCKER_BUILDKIT=1 with a docker CLI that has BuildKit's client inside: those before buildx. */
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { buildkitCases } from "./buildkit-cases.ts";
import { dockerClients, stopWithoutFaults } from "./clients.ts";

const [oldest] = await dockerClients();
const skip = oldest?.version.startsWith("20.") ? false : "no docker CLI 20.10, which is Debian's docker.io";

let engine: TestEngine;
before(async () => {
  if (skip) return;
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => stopWithoutFaults(engine));

if (skip || !oldest) test("BuildKit by the CLI's own client", { skip }, () => {});
else {
  buildkitCases({
    name: `docker ${oldest.version}`,
    engine: () => engine,
    build: (args, { signal } = {}) =>
      command(oldest.path, ["build", ...args], {
        env: {
          DOCKER_HOST: engine.host,
          DOCKER_CONFIG: `${engine.directory}/docker-config`,
          DOCKER_BUILDKIT: "1",
          BUILDKIT_PROGRESS: "plain",
        },
        ...(signal && { signal }),
      }),
  });
}
