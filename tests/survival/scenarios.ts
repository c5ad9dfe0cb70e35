/** What is under way when the engine is killed, and what may then have become of it. */
import assert from "node:assert/strict";
import { busyboxTar } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

export type Scenario = {
  name: string;
  prepare(engine: TestEngine): Promise<unknown>;
  /** Cut short by the death: its outcome is nobody's. */
  act(engine: TestEngine): Promise<unknown>;
  /** On the next engine: nothing is half, and what the user does next works. */
  verify(engine: TestEngine): Promise<void>;
  clean(engine: TestEngine): Promise<unknown>;
};

/** All that a container can have: a network, a port, a volume of its own. */
const FULL = ["--name", "victim", "-v", "/data", "-p", "127.0.0.1::80"];
/** Ends with 7 when it is told to stop. */
const STOPS_WITH_7 = ["busybox", "sh", "-c", "trap 'exit 7' TERM; while :; do usleep 20000; done"];
const remove = (engine: TestEngine) => engine.docker("rm", "-f", "-v", "victim");
const nothing = async () => {};

/** undefined: there is no such container */
export async function stateOf(engine: TestEngine, name: string): Promise<Record<string, unknown> | undefined> {
  const outcome = await engine.docker("inspect", "-f", "{{json .State}}", name);
  return outcome.code === 0 ? JSON.parse(outcome.stdout) : undefined;
}

/** @param registry host of one that has survival/image:latest; undefined: without the scenarios that need one */
export function scenariosWith(registry: string | undefined): Scenario[] {
  return registry === undefined ? scenarios : [...scenarios, pull(`${registry}/survival/image:latest`)];
}

function pull(image: string): Scenario {
  return {
    name: "pull",
    prepare: nothing,
    act: (engine) => engine.docker("pull", image),
    async verify(engine) {
      if ((await engine.docker("image", "inspect", image)).code !== 0) await engine.ok("pull", image);
      assert.equal(await engine.ok("run", "--rm", image, "/bin/busybox", "cat", "/marker"), "x");
    },
    clean: (engine) => engine.docker("rmi", image),
  };
}

const scenarios: Scenario[] = [
  {
    name: "create",
    prepare: nothing,
    act: (engine) => engine.docker("create", ...FULL, ...STOPS_WITH_7),
    async verify(engine) {
      const state = await stateOf(engine, "victim");
      if (state) assert.equal(state.Status, "created");
      else await engine.ok("create", ...FULL, ...STOPS_WITH_7);
      await startsAndStops(engine);
    },
    clean: remove,
  },
  {
    name: "start",
    prepare: (engine) => engine.ok("create", ...FULL, ...STOPS_WITH_7),
    act: (engine) => engine.docker("start", "victim"),
    async verify(engine) {
      const state = await stateOf(engine, "victim");
      assert.ok(state, "the container is lost");
      assert.ok(["created", "running"].includes(String(state.Status)), `status ${state.Status}`);
      await startsAndStops(engine);
    },
    clean: remove,
  },
  {
    name: "stop",
    prepare: (engine) => engine.ok("run", "-d", ...FULL, ...STOPS_WITH_7),
    act: (engine) => engine.docker("stop", "victim"),
    async verify(engine) {
      // The signal may or may not have gone out; if it has, the container may still be about to end.
      await engine.ok("stop", "victim");
      const state = await stateOf(engine, "victim");
      assert.equal(state?.Status, "exited");
      assert.equal(state?.ExitCode, 7, "the exit code is lost");
      await startsAndStops(engine);
    },
    clean: remove,
  },
  {
    name: "remove",
    prepare: (engine) => engine.ok("run", "-d", ...FULL, ...STOPS_WITH_7),
    act: (engine) => engine.docker("rm", "-f", "-v", "victim"),
    async verify(engine) {
      await until(async () => !["dead", "removing"].includes(String((await stateOf(engine, "victim"))?.Status)), {
        what: "the removal is finished",
      });
      if (await stateOf(engine, "victim")) await startsAndStops(engine);
      else await engine.ok("create", ...FULL, ...STOPS_WITH_7);
    },
    clean: remove,
  },
  {
    name: "exec",
    prepare: (engine) => engine.ok("run", "-d", ...FULL, ...STOPS_WITH_7),
    act: (engine) => engine.docker("exec", "victim", "true"),
    async verify(engine) {
      assert.equal((await stateOf(engine, "victim"))?.Status, "running");
      assert.equal(await engine.ok("exec", "victim", "echo", "heard"), "heard");
      await startsAndStops(engine);
    },
    clean: remove,
  },
  {
    name: "restart policy",
    prepare: (engine) =>
      engine.ok("create", ...FULL, "--restart", "on-failure:2", "busybox", "sh", "-c", "usleep 50000; exit 3"),
    async act(engine) {
      await engine.docker("start", "victim");
      await engine.docker("wait", "victim");
    },
    async verify(engine) {
      if ((await stateOf(engine, "victim"))?.Status === "created") await engine.ok("start", "victim");
      await until(async () => (await stateOf(engine, "victim"))?.Status === "exited", { what: "it has given up" });
      assert.equal((await stateOf(engine, "victim"))?.ExitCode, 3);
      assert.equal(await engine.ok("inspect", "-f", "{{.RestartCount}}", "victim"), "2");
    },
    clean: remove,
  },
  {
    name: "automatic removal",
    prepare: nothing,
    act: (engine) => engine.docker("run", "--rm", ...FULL, "busybox", "true"),
    async verify(engine) {
      await until(async () => [undefined, "created"].includes((await stateOf(engine, "victim"))?.Status as string), {
        what: "it is gone, or was never started",
      });
      await engine.docker("rm", "-v", "victim");
      await engine.ok("run", "--rm", ...FULL, "busybox", "true");
    },
    clean: remove,
  },
  {
    name: "import",
    prepare: nothing,
    act: async (engine) =>
      command("docker", ["import", "-c", "ENV A=b", "-", "imported:latest"], {
        env: { DOCKER_HOST: engine.host },
        input: await smallTar(),
      }),
    async verify(engine) {
      if ((await engine.docker("image", "inspect", "imported")).code === 0)
        assert.equal(await engine.ok("run", "--rm", "imported", "/bin/busybox", "cat", "/marker"), "x");
    },
    clean: (engine) => engine.docker("rmi", "imported"),
  },
  {
    name: "network create",
    prepare: nothing,
    act: (engine) =>
      engine.docker("network", "create", "-o", `com.docker.network.bridge.name=${engine.bridge}n`, "net"),
    verify: networkIsWhole,
    clean: (engine) => engine.docker("network", "rm", "net"),
  },
  {
    name: "network remove",
    prepare: (engine) =>
      engine.ok("network", "create", "-o", `com.docker.network.bridge.name=${engine.bridge}n`, "net"),
    act: (engine) => engine.docker("network", "rm", "net"),
    verify: networkIsWhole,
    clean: (engine) => engine.docker("network", "rm", "net"),
  },
];

/** Its bridge is there exactly if it is listed. */
async function networkIsWhole(engine: TestEngine): Promise<void> {
  const listed = (await engine.docker("network", "inspect", "net")).code === 0;
  const bridge = (await command("ip", ["link", "show", "dev", `${engine.bridge}n`])).code === 0;
  assert.equal(bridge, listed, listed ? "a network without its bridge" : "a bridge without its network");
  if (listed) await engine.ok("run", "--rm", "--network", "net", "busybox", "true");
}

async function startsAndStops(engine: TestEngine): Promise<void> {
  await engine.ok("start", "victim");
  assert.equal((await stateOf(engine, "victim"))?.Status, "running");
  assert.equal(await engine.ok("exec", "victim", "sh", "-c", "touch /data/a && echo writable"), "writable");
  await engine.ok("stop", "victim");
  assert.equal((await stateOf(engine, "victim"))?.ExitCode, 7);
}

let small: Promise<Buffer> | undefined;
/** busybox with one more file: a layer that no other image has. */
export async function smallTar(): Promise<Buffer> {
  small ??= withMarker();
  return small;
}

async function withMarker(): Promise<Buffer> {
  const { pack, extract } = await import("tar-stream");
  const { buffer } = await import("node:stream/consumers");
  const { Readable } = await import("node:stream");
  const into = pack();
  const from = extract();
  from.on("entry", (header, stream, next) => {
    if (header.name !== "bin/busybox" && header.type !== "directory") {
      stream.on("end", next).resume();
      return;
    }
    stream.pipe(into.entry(header, next));
  });
  from.on("finish", () => {
    into.entry({ name: "marker" }, "x");
    into.finalize();
  });
  Readable.from([await busyboxTar()]).pipe(from);
  return buffer(into);
}
