/** Kill the engine at named steps of a scenario (src/host/kill-points.ts) and look at what the next engine makes of it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importBusybox } from "../support/busybox.ts";
import { until } from "../support/until.ts";
import { assertNothingLeftOver, startScene } from "./invariants.ts";
import type { Scenario } from "./scenarios.ts";

export type KillScene = Awaited<ReturnType<typeof startKillScene>>;

/** An engine that can be told at which step to die. */
export async function startKillScene() {
  const directory = await mkdtemp(join(tmpdir(), "cloche-kill-"));
  const arm = join(directory, "arm");
  const log = join(directory, "log");
  Object.assign(process.env, { CLOCHE_KILL_AT: arm, CLOCHE_KILL_LOG: log });
  const scene = await startScene();
  await importBusybox(scene);
  return {
    scene,
    arm: (step: string) => writeFileSync(arm, step),
    disarm: () => rmSync(arm, { force: true }),
    /** Steps since the last call, without those that only look. */
    steps(): string[] {
      const all = existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
      writeFileSync(log, "");
      return all.filter((step) => !LOOKS.test(step));
    },
    async stop() {
      rmSync(arm, { force: true });
      await scene.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const LOOKS =
  /\.(of|get|all|loadAll|references|readMerged|statMerged|directory|isEmpty|size|names|hostResolvConf|runtimeIds|ephemeralPorts|usedSubnets|sample|exists|pids|containerLayerSize|imageLayersSize|byBlob|readExitRecord):|^(inspect|list|find)/;

/** One run of the scenario that is left alone. @returns the steps that it takes */
export async function recordSteps({ scene, arm, disarm, steps }: KillScene, scenario: Scenario): Promise<string[]> {
  await scenario.prepare(scene);
  arm("none");
  steps();
  await scenario.act(scene);
  await assertNothingLeftOver(scene);
  const taken = steps();
  disarm();
  await scenario.clean(scene);
  return [...new Set(taken)];
}

/** @returns false when the step was not reached this time (what runs side by side may come in another order) */
export async function killAt({ scene, arm, disarm }: KillScene, scenario: Scenario, step: string): Promise<boolean> {
  await scenario.prepare(scene);
  arm(step);
  const acted = scenario.act(scene);
  const { pid } = scene;
  await Promise.race([acted, until(() => !isAlive(pid), { seconds: 30 })]);
  await until(() => !isAlive(pid), { seconds: 2 }).catch(() => {});
  const died = !isAlive(pid);
  disarm();
  if (died) {
    await scene.crash();
    await scene.restart();
  }
  await acted;
  try {
    await scenario.verify(scene);
  } finally {
    await scenario.clean(scene);
  }
  await assertNothingLeftOver(scene);
  return died;
}

/** A zombie is dead: our own child is one until node has reaped it. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
