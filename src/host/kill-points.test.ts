import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { killPoints } from "./kill-points.ts";

function scene() {
  const done: string[] = [];
  const layers = {
    make: async (id: string) => void done.push(`make ${id}`),
    drop: (id: string) => void done.push(`drop ${id}`),
  };
  return { done, layers };
}

test("without its variables nothing is wrapped", () => {
  const { layers } = scene();
  assert.equal(killPoints({}).port("layers", layers), layers);
});

test("the engine dies at the step that is named, with what came before done and nothing after", async () => {
  const { done, layers } = scene();
  const kill = killPoints({ CLOCHE_KILL_AT: "create:layers.make:after#2" }, () => done.push("died"));
  const port = kill.port("layers", layers);
  const verbs = kill.verbs({
    async create() {
      await port.make("a");
      await port.make("b");
      port.drop("c");
    },
  });
  await verbs.create();
  assert.deepEqual(done, ["make a", "make b", "died", "drop c"]);
});

test("a file arms a step in an engine that runs, and steps are counted anew from there", async () => {
  const directory = mkdtempSync(join(tmpdir(), "cloche-kill-"));
  try {
    const { done, layers } = scene();
    const arm = join(directory, "arm");
    const log = join(directory, "log");
    const kill = killPoints({ CLOCHE_KILL_AT: arm, CLOCHE_KILL_LOG: log }, () => done.push("died"));
    const port = kill.port("layers", layers);
    port.drop("a");
    writeFileSync(arm, "engine:layers.drop:before#1\n");
    port.drop("b");
    assert.deepEqual(done, ["drop a", "died", "drop b"]);
    assert.deepEqual(readFileSync(log, "utf8").split("\n"), [
      "engine:layers.drop:before#1",
      "engine:layers.drop:after#1",
      "engine:layers.drop:before#1",
      "engine:layers.drop:after#1",
      "",
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
