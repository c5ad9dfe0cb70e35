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
/** By scenario: where most is done and nothing is told yet. */
const SHORT: Record<string, string[]> = {
  create: ["create:layers.createContainerLayer:after#1", "create:volume.make:after#1"],
  start: ["start:launcher.launch:before#1", "start:launcher.launch:after#1"],
  stop: ["stop:records.save:after#1"],
  remove: ["remove:records.save:after#1", "remove:volume.remove:after#1"],
  exec: ["engine:launcher.launch:after#1"],
  "restart policy": ["start:launcher.launch:after#2"],
  import: ["import:layerStore.addArchive:after#1"],
  pull: ["pull:layerStore.addBlob:after#1"],
  "network create": ["create:network.ensureBridge:after#1"],
  "network remove": ["remove:network.removeLink:after#1"],
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
  const short = SHORT[scenario.name];
  if (!all && !short) continue;
  test(`${scenario.name}: nothing is lost or left over wherever the engine is killed`, async (t) => {
    for (const step of all ? await recordSteps(scene, scenario) : (short ?? [])) {
      await t.test(step, async (at) => {
        const died = await killAt(scene, scenario, step);
        // What runs side by side comes in another order at times; a step of the short list that never comes is gone.
        if (all && !died) at.diagnostic("not reached");
        else assert.ok(died, `there is no step ${step}: see CLOCHE_KILL_LOG for those that there are`);
      });
    }
  });
}
