/** What a case of the bench is: one thing done on both sides, and how much faster ours is to be. */
import type { BenchEngine } from "./engines.ts";

/** A name for each figure; "" if there is but one. */
export type Figures = Record<string, number>;

export type Case = CaseSetting &
  (
    | {
        /** What is timed. Once on each side for each round, in turn; round -1 warms up and does not count. */ run(
          engine: BenchEngine,
          round: number,
        ): Promise<unknown>;
      }
    | { /** As run, but it says what was measured. */ measure(engine: BenchEngine, round: number): Promise<Figures> }
  );

type CaseSetting = {
  name: string;
  runs: number;
  /** How many times better than dockerd's; of each figure, by its name. */
  aim?: number | Record<string, number>;
  /** of what is measured; "ms" if not said */
  unit?: string;
  /** More is better (a throughput). */
  more?: boolean;
  /** False, or why it cannot be measured here. */
  skip?(): Promise<string | false>;
  before?(engine: BenchEngine): Promise<void>;
  /** Also when the case has failed. */
  after?(engine: BenchEngine): Promise<void>;
};

/** A case without dockerd: what is ours against what the same machine needs for the least of its kind. */
export type Duel = {
  name: string;
  runs: number;
  /** Of the other's time over ours. */
  aim: number;
  other: string;
  /** How many of them one turn does; 1 if not said. */
  each?: number;
  skip?(): Promise<string | false>;
  before?(): Promise<void>;
  theirs(): Promise<void>;
  ours(): Promise<void>;
  after?(): Promise<void>;
};

export const start = (engine: BenchEngine, name: string, ...options: string[]) =>
  engine.docker("run", "-d", "--name", name, ...options, "busybox", "sleep", "10000");

export const remove = (engine: BenchEngine, ...names: string[]) => engine.docker("rm", "-f", ...names);

export const named = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** @returns milliseconds */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Start many, four at a time; stops at the deadline. @returns how many there are */
export async function fill(
  engine: BenchEngine,
  names: string[],
  deadline: number,
  ...options: string[]
): Promise<number> {
  let begun = 0;
  const worker = async () => {
    while (begun < names.length && performance.now() < deadline) await start(engine, names[begun++] ?? "", ...options);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return begun;
}

/** Remove by the hundred: a command line has its limits, and so has a client's patience. */
export async function removeMany(engine: BenchEngine, names: string[]): Promise<void> {
  for (let at = 0; at < names.length; at += 100) await remove(engine, ...names.slice(at, at + 100));
}
