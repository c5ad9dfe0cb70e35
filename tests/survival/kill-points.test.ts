/**
 * The engine is killed at each named step of what it does. Here at those that write something down, one each;
 * CLOCHE_KILL_POINTS=all (npm run test:survival) takes every step.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { command } from "../support/command.ts";
import { registrySkip, startRegistry } from "../support/registry.ts";
import { type KillScene, killAt, recordSteps, startKillScene } from "./kill-points.ts";
import { scenariosWith, smallTar } from "./scenarios.ts";

const all = process.env.CLOCHE_KILL_POINTS === "all";
/** By scenario: the steps after which most is done and nothing is told yet. */
const SHORT: Record<string, RegExp> = {
  create: /createContainerLayer:after#1|volume\.make:after#1/,
  start: /files\.prepare:after#1|launcher\.launch:(before|after)#1/,
  stop: /stop:records\.save:after#1/,
  remove: /remove:records\.save:after#2|volume\.remove:after#1|removeContainerLayer:after#1/,
  exec: /launcher\.launch:after#1/,
  "restart policy": /start:records\.save:after#2|launcher\.launch:after#2/,
  import: /addArchive:after#1/,
  pull: /addBlob:after#1/,
  "network create": /ensureBridge:after#1/,
  "network remove": /networks\.remove:after#1/,
};

const registry = registrySkip ? undefined : await startRegistry();
let scene: KillScene;
before(async () => {
  scene = await startKillScene();
  if (registry) await publish(registry.host);
});
after(async () => {
  await scene?.stop();
  await registry?.[Symbol.asyncDispose]();
});

/** An image that the registry has and the engine has not. */
async function publish(host: string): Promise<void> {
  const image = `${host}/survival/image:latest`;
  const env = { DOCKER_HOST: scene.scene.host };
  assert.equal((await command("docker", ["import", "-", image], { env, input: await smallTar() })).code, 0);
  await scene.scene.ok("push", image);
  await scene.scene.ok("rmi", image);
}

for (const scenario of scenariosWith(registry?.host)) {
  const chosen = SHORT[scenario.name];
  if (!all && !chosen) continue;
  test(`${scenario.name}: nothing is lost or left over wherever the engine is killed`, async (t) => {
    const steps = await recordSteps(scene, scenario);
    for (const step of steps.filter((name) => all || chosen?.test(name))) {
      await t.test(step, async (at) => {
        if (!(await killAt(scene, scenario, step))) at.diagnostic("not reached");
      });
    }
  });
}
