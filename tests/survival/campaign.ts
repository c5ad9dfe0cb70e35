/**
 * npm run test:survival [-- KILLS]: under a load, kill -9 the engine at random KILLS times (default 100); after each,
 * the next engine must have lost nothing and left nothing over. Then every named kill point. Prints figures.
 *
 *     --no-points     without the kill points
 *     --longest MS    the longest load before a kill (default 3000)
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { importBusybox } from "../support/busybox.ts";
import { assertNothingLeftOver, startScene } from "./invariants.ts";
import { createLoad } from "./load.ts";

const WORKERS = 4;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "no-points": { type: "boolean" }, longest: { type: "string", default: "3000" } },
});
const kills = Number(positionals[0] ?? 100);
const longest = Number(values.longest);
if (!(kills > 0 && longest >= 0))
  throw new Error("usage: npm run test:survival -- [KILLS] [--no-points] [--longest MS]");

const began = performance.now();
const restarts: number[] = [];
const scene = await startScene();
let done = 0;
let failure: unknown;
try {
  await importBusybox(scene);
  const load = createLoad(scene);
  for (; done < kills; done++) {
    const rest = load.start(WORKERS);
    await delay(Math.random() * longest);
    await scene.crash();
    await rest();
    const since = performance.now();
    await scene.restart();
    restarts.push(performance.now() - since);
    await load.verify();
    await assertNothingLeftOver(scene);
    if ((done + 1) % 10 === 0) print(`${done + 1} kills`, load.figures);
  }
  print("all", load.figures);
} catch (error) {
  failure = error;
  console.log(`failed in round ${done + 1}:`, error);
  console.log(scene.log().split("\n").slice(-20).join("\n"));
} finally {
  await scene.stop();
}
if (failure === undefined && !values["no-points"]) {
  const test = join(import.meta.dirname, "kill-points.test.ts");
  const { status } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", "--test", test], {
    stdio: "inherit",
    env: { ...process.env, CLOCHE_KILL_POINTS: "all" },
  });
  if (status !== 0) process.exitCode = 1;
}
if (failure !== undefined) process.exitCode = 1;

function print(title: string, figures: object): void {
  const sorted = restarts.toSorted((a, b) => a - b);
  const at = (part: number) => Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
  const all = Object.entries(figures).map(([name, value]) => `${value} ${name}`);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(`${title} in ${minutes} min: ${all.join(", ")}; restart ${at(0.5)} ms median, ${at(1)} ms longest`);
}
