/** A load of runs, execs, followed logs, stops and removals, with a ledger of what the engine has said yes to. */
import assert from "node:assert/strict";
import type { TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

export type Entry = {
  name: string;
  /** how many numbered lines it writes, and with what it ends then */
  lines: number;
  code: number;
  /** `docker run -d` has printed the id */
  acknowledged: boolean;
  /** stop, or rm -f, was asked for: it may have been killed */
  stopAsked: boolean;
  removeAsked: boolean;
  /** rm has said yes */
  removed: boolean;
};

export type Figures = {
  runs: number;
  execs: number;
  stops: number;
  removals: number;
  follows: number;
  lines: number;
  ends: number;
};

/** Containers that are kept from one round to the next. */
const KEPT = 8;
const pick = (limit: number) => Math.floor(Math.random() * limit);

export function createLoad(engine: TestEngine) {
  const ledger = new Map<string, Entry>();
  const figures: Figures = { runs: 0, execs: 0, stops: 0, removals: 0, follows: 0, lines: 0, ends: 0 };
  let count = 0;
  let running = false;

  async function run(): Promise<void> {
    const name = `load-${++count}`;
    const long = pick(3) === 0;
    const entry: Entry = {
      name,
      lines: long ? 100_000 : pick(40),
      code: pick(100),
      acknowledged: false,
      stopAsked: false,
      removeAsked: false,
      removed: false,
    };
    ledger.set(name, entry);
    const script = `i=0; while [ $i -lt ${entry.lines} ]; do echo line $i; i=$((i+1)); usleep 5000; done; exit ${entry.code}`;
    const extras = [[], ["-p", "127.0.0.1::80"], ["-v", "/data"], ["--network", "none"]][pick(4)] ?? [];
    const { code } = await engine.docker("run", "-d", "--name", name, ...extras, "busybox", "sh", "-c", script);
    entry.acknowledged = code === 0;
    if (entry.acknowledged) figures.runs++;
  }

  async function act(entry: Entry): Promise<void> {
    switch (pick(5)) {
      case 0:
      case 1:
        if ((await engine.docker("exec", entry.name, "true")).code === 0) figures.execs++;
        return;
      case 2:
        await engine.docker("logs", "-f", "--tail", "5", "--until", "1s", entry.name);
        figures.follows++;
        return;
      case 3:
        entry.stopAsked = true;
        if ((await engine.docker("stop", "-t", "0", entry.name)).code === 0) figures.stops++;
        return;
      default:
        return remove(entry);
    }
  }

  async function remove(entry: Entry): Promise<void> {
    entry.stopAsked = true;
    entry.removeAsked = true;
    const outcome = await engine.docker("rm", "-f", "-v", entry.name);
    if (outcome.code !== 0) return;
    entry.removed = true;
    figures.removals++;
  }

  async function worker(): Promise<void> {
    while (running) {
      const there = [...ledger.values()].filter((entry) => entry.acknowledged && !entry.removeAsked);
      const entry = there[pick(there.length)];
      if (entry && pick(there.length + 2) > 1) await act(entry);
      else await run();
    }
  }

  return {
    figures,
    /** @returns how to end it: resolves when every command has come back */
    start(workers: number): () => Promise<void> {
      running = true;
      const all = Array.from({ length: workers }, worker);
      return async () => {
        running = false;
        await Promise.all(all);
      };
    },
    /** On the engine that came after: what was said yes to is so. Then make room. */
    async verify(): Promise<void> {
      for (const entry of ledger.values()) await verify(entry);
      const left = [...ledger.values()].filter(({ removed }) => !removed);
      for (const entry of left.slice(0, Math.max(0, left.length - KEPT))) await remove(entry);
      for (const [name, { removed }] of ledger) if (removed) ledger.delete(name);
    },
  };

  async function verify(entry: Entry): Promise<void> {
    const look = () => engine.docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", entry.name);
    let { stdout, code } = await look();
    // The engine was killed amid a removal, and the next one, which answers already, is about to finish it.
    const isBeingRemoved = () => entry.removeAsked && code === 0 && stdout.startsWith("removing");
    await until(
      async () => {
        if (isBeingRemoved()) ({ stdout, code } = await look());
        return !isBeingRemoved();
      },
      { what: `${entry.name} is removed` },
    );
    if (code !== 0) {
      assert.ok(entry.removeAsked || !entry.acknowledged, `${entry.name} is lost`);
      entry.removed = true;
      return;
    }
    assert.ok(!entry.removed, `${entry.name} is there again after its removal`);
    const [status, exitCode] = stdout.trim().split(" ");
    const logs = (await engine.docker("logs", entry.name)).stdout.split("\n").slice(0, -1);
    assert.deepEqual(
      logs,
      logs.map((_line, index) => `line ${index}`),
      `${entry.name} has lost lines`,
    );
    figures.lines += logs.length;
    if (status === "exited") {
      figures.ends++;
      const codes = entry.stopAsked ? [entry.code, 137] : [entry.code];
      assert.ok(codes.includes(Number(exitCode)), `${entry.name} ended with ${exitCode} instead of ${codes}`);
      if (Number(exitCode) === entry.code && entry.code !== 137)
        assert.equal(logs.length, entry.lines, `${entry.name}'s log`);
    } else if (status === "created") assert.ok(!entry.acknowledged, `${entry.name} was started and is only created`);
    else assert.equal(status, "running", `${entry.name} is ${status}`);
  }
}
