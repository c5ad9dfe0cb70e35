/** What both parts of the demo share: the narrator, the client that is typed, the engine behind it. */
import { setTimeout as delay } from "node:timers/promises";
import type { DemoEngine } from "./engine.ts";
import type { Narrator, Outcome } from "./narrator.ts";

/** What a person takes for at once, in milliseconds; CLOCHE_TEST_PATIENCE is the factor by which an emulated machine is slower. */
export const AT_ONCE = 100 * Number(process.env.CLOCHE_TEST_PATIENCE ?? 1);

export type Scene = {
  demo: Narrator;
  engine: DemoEngine;
  images: { centos: string; stress: string };
  /** address that the container pings */
  target: string;
  /** Type `docker …` with the client under test. */
  docker(words: string[], show?: (output: string) => string): Promise<Outcome>;
};

/** Poll until the condition holds; false after `seconds`. */
export async function eventually(condition: () => boolean | Promise<boolean>, seconds: number): Promise<boolean> {
  const limit = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > limit) return false;
    await delay(10);
  }
  return true;
}

export type InspectState = { Status: string; Pid: number; ExitCode: number; OOMKilled: boolean };

export async function inspectState(engine: DemoEngine, id: string): Promise<InspectState> {
  return ((await engine.get(`/containers/${id}/json`)) as { State: InspectState }).State;
}

/** Rows of a table printed by ps, top, ls: cut at white space, the last column keeps its spaces. */
export function rows(table: string): string[][] {
  const lines = table.trim().split("\n");
  const width = (lines[0] ?? "").trim().split(/\s+/).length;
  return lines.slice(1).map((line) => {
    const fields = line.trim().split(/\s+/);
    return [...fields.slice(0, width - 1), fields.slice(width - 1).join(" ")];
  });
}
