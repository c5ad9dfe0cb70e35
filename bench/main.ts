/**
 * `npm run bench`: the same docker commands on Debian's dockerd and on Cloche, interleaved; prints the medians and the ratio.
 * The machine may be shared and noisy: the ratios of one run are the figures, not the milliseconds.
 *   npm run bench [-- CASE...]   only cases whose names contain one of the words
 */
import { globSync, readFileSync } from "node:fs";
import { type Case, cases } from "./cases.ts";
import { type BenchEngine, startBenchEngine } from "./engines.ts";

const words = process.argv.slice(2);
const chosen = cases.filter((one) => words.length === 0 || words.some((word) => one.name.includes(word)));
const dockerd = await startBenchEngine("dockerd");
const cloche = await startBenchEngine("cloche");
try {
  console.log(row("case", "dockerd ms", "cloche ms", "ratio", "aim"));
  for (const one of chosen) await compare(one);
  if (words.length === 0) await compareMemory();
} finally {
  await dockerd.stop();
  await cloche.stop();
}

async function compare(one: Case): Promise<void> {
  const engines = [dockerd, cloche];
  for (const engine of engines) await one.before?.(engine);
  const times = new Map<BenchEngine, number[]>(engines.map((engine) => [engine, []]));
  for (let round = -1; round < one.runs; round++) {
    for (const engine of engines) {
      const began = performance.now();
      await one.run(engine, round);
      // The first round warms both up.
      if (round >= 0) times.get(engine)?.push(performance.now() - began);
    }
  }
  for (const engine of engines) await one.after?.(engine);
  const theirs = median(times.get(dockerd) ?? []);
  const ours = median(times.get(cloche) ?? []);
  console.log(row(one.name, theirs.toFixed(1), ours.toFixed(1), (theirs / ours).toFixed(1), one.aim?.toString() ?? ""));
}

/** PSS of the engine alone, and of what each further container adds outside of its own processes. */
async function compareMemory(): Promise<void> {
  const count = 20;
  for (const engine of [dockerd, cloche]) {
    const idle = pssOf(engine);
    for (let index = 0; index < count; index++)
      await engine.docker("run", "-d", "--name", `m${index}`, "busybox", "sleep", "1000");
    const loaded = pssOf(engine);
    console.log(row(`memory of ${engine.name}: idle ${(idle / 1024).toFixed(1)} MiB`, "", "", "", ""));
    console.log(row(`  and per container ${((loaded - idle) / count).toFixed(0)} KiB`, "", "", "", ""));
    await engine.docker("rm", "-f", ...Array.from({ length: count }, (_, index) => `m${index}`));
  }
}

/** KiB of proportional set size of the engine, its descendants and its monitors, without the containers' processes. */
function pssOf(engine: BenchEngine): number {
  const tree = new Set([engine.pid]);
  const all = globSync("/proc/[0-9]*").map((path) => Number(path.slice(6)));
  for (let grown = true; grown; ) {
    grown = false;
    for (const pid of all) {
      if (tree.has(pid) || !tree.has(Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0))) continue;
      if (/^(sleep|busybox)$/.test(read(`/proc/${pid}/comm`).trim())) continue;
      tree.add(pid);
      grown = true;
    }
  }
  // containerd-shim leaves the tree of dockerd: it is found by its name and the socket in its arguments
  for (const pid of all) {
    if (engine.name === "dockerd" && /containerd-shim/.test(read(`/proc/${pid}/cmdline`))) tree.add(pid);
  }
  return [...tree].reduce(
    (sum, pid) => sum + Number(/^Pss:\s*(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
    0,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function row(name: string, ...cells: string[]): string {
  return name.padEnd(34) + cells.map((cell) => cell.padStart(11)).join("");
}
