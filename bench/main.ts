/**
 * `npm run bench`: the same commands on Debian's dockerd and on Cloche, in turn; prints the medians and the ratio.
 * The machine may be shared and noisy: the ratios of one run are the figures, not the milliseconds.
 *   npm run bench [-- CASE...]   only cases whose names contain one of the words
 *   npm run bench -- --list      their names
 *   npm run bench -- --alone     without dockerd
 */
import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { type Case, type Duel, median, timed } from "./case.ts";
import { builds } from "./cases/builds.ts";
import { commands } from "./cases/commands.ts";
import { compose } from "./cases/compose.ts";
import { data } from "./cases/data.ts";
import { duels } from "./cases/duels.ts";
import { networks } from "./cases/networks.ts";
import { scale } from "./cases/scale.ts";
import { type BenchEngine, startBenchEngine } from "./engines.ts";

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const flag = (name: string) => process.argv.includes(`--${name}`);
const isChosen = ({ name }: { name: string }) => words.length === 0 || words.some((word) => name.includes(word));
const cases = [...commands, ...data, ...networks, ...compose, ...builds, ...scale];
if (flag("list")) {
  for (const { name } of [...cases, ...duels]) console.log(name);
  process.exit(0);
}

const engines: BenchEngine[] = [];
const [chosen, chosenDuels] = [cases.filter(isChosen), duels.filter(isChosen)];
// Once: what has begun to be cleaned up shall not be interrupted by impatience.
process.once("SIGINT", () => void end().then(() => process.exit(130)));
let failed = false;
try {
  console.log(row("case", ["other", "cloche", "unit", "ratio", "aim", "load"]));
  if (chosen.length > 0) {
    if (!flag("alone") && existsSync("/usr/sbin/dockerd")) engines.push(await startBenchEngine("dockerd"));
    engines.push(await startBenchEngine("cloche"));
  }
  for (const one of chosen) await attempt(one.name, () => compare(one), one.skip);
  await end();
  for (const one of chosenDuels) await attempt(`${one.name} / ${one.other}`, () => fight(one), one.skip);
} finally {
  await end();
}
process.exitCode = failed ? 1 : 0;

/** One case that fails does not take the others with it. */
async function attempt(name: string, work: () => Promise<void>, skip: Case["skip"]): Promise<void> {
  try {
    const reason = (await skip?.()) ?? false;
    if (reason !== false) return console.log(`${name}: not measured, ${reason}`);
    await work();
  } catch (error) {
    failed = true;
    console.log(`${name}: failed, ${(error as Error).message}`);
  }
}

async function compare(one: Case): Promise<void> {
  const seen = new Map<BenchEngine, Map<string, number[]>>(engines.map((engine) => [engine, new Map()]));
  try {
    for (const engine of engines) await one.before?.(engine);
    for (let round = one.runs > 1 ? -1 : 0; round < one.runs; round++) {
      for (const engine of engines) {
        const figures =
          "run" in one ? { "": await timed(() => one.run(engine, round)) } : await one.measure(engine, round);
        if (round < 0) continue;
        for (const [name, value] of Object.entries(figures)) {
          const of = seen.get(engine);
          of?.set(name, [...(of.get(name) ?? []), value]);
        }
      }
    }
  } finally {
    for (const engine of engines) await one.after?.(engine);
  }
  const [first = new Map(), second] = engines.map((engine) => seen.get(engine));
  for (const name of first.keys()) {
    const [a, b] = [median(first.get(name) ?? []), second && median(second.get(name) ?? [])];
    const aim = typeof one.aim === "object" ? one.aim[name] : one.aim;
    const [theirs, ours] = b === undefined ? [undefined, a] : [a, b];
    report({
      name: name === "" ? one.name : `${one.name}: ${name}`,
      theirs,
      ours,
      unit: one.unit,
      aim,
      more: one.more,
    });
  }
}

async function fight(one: Duel): Promise<void> {
  const [theirs, ours]: [number[], number[]] = [[], []];
  try {
    await one.before?.();
    for (let round = -1; round < one.runs; round++) {
      const [a, b] = [await timed(one.theirs), await timed(one.ours)];
      if (round < 0) continue;
      theirs.push(a);
      ours.push(b);
    }
  } finally {
    await one.after?.();
  }
  const of = (times: number[]) => median(times) / (one.each ?? 1);
  report({ name: `${one.name} / ${one.other}`, theirs: of(theirs), ours: of(ours), aim: one.aim });
}

type Result = {
  name: string;
  theirs: number | undefined;
  ours: number;
  unit?: string | undefined;
  aim?: number | undefined;
  more?: boolean | undefined;
};

function report({ name, theirs, ours, unit = "ms", aim, more }: Result): void {
  const ratio = theirs === undefined ? undefined : more ? ours / theirs : theirs / ours;
  const text = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? "-";
  const cells = [text(theirs, 1), text(ours, 1), unit, text(ratio, 2), aim?.toFixed(1) ?? ""];
  console.log(row(name, [...cells, (loadavg()[0] ?? 0).toFixed(0)]));
}

async function end(): Promise<void> {
  for (const engine of engines.splice(0)) await engine.stop();
}

function row(name: string, cells: string[]): string {
  return name.padEnd(46) + cells.map((cell) => cell.padStart(9)).join("");
}
