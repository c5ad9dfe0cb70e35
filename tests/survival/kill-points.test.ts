/**
 * The engine is killed at each named step of what it does. Here at those that write something down, one each;
 * CLOCHE_KILL_POINTS=all (npm run test:survival) takes every step.
 */
import { after, before, test } from "node:test";
import { type KillScene, killAt, recordSteps, startKillScene } from "./kill-points.ts";
import { scenarios } from "./scenarios.ts";

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
  "network create": /ensureBridge:after#1/,
  "network remove": /networks\.remove:after#1/,
};

let scene: KillScene;
before(async () => {
  scene = await startKillScene();
});
after(() => scene?.stop());

for (const scenario of scenarios) {
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
