import assert from "node:assert/strict";
import { test } from "node:test";
import { aRecord } from "./fixtures.ts";
import { saveOrRetry } from "./save.ts";
import { createStore } from "./store.ts";
import { createStreams } from "./streams.ts";

function scene() {
  let failures = 0;
  const saved: string[] = [];
  const told: string[] = [];
  const records = {
    loadAll: () => [aRecord({ id: "a".repeat(64), name: "it" })],
    save: (record: { state: { status: string } }) => {
      if (failures-- > 0) throw new Error("database or disk is full");
      saved.push(record.state.status);
    },
    delete: () => {},
  };
  const store = createStore({ records, newStreams: () => createStreams() });
  const clock = { now: () => "", monotonic: () => 0, delay: async () => {} };
  const deps = { store, clock, log: (message: string) => void told.push(message) };
  const fail = (times: number) => {
    failures = times;
  };
  return { deps, saved, told, container: store.find("it"), fail };
}

test("a record that cannot be written now is written when there is space, as it is then", async () => {
  const { deps, saved, told, container, fail } = scene();
  fail(3);
  const saving = saveOrRetry(deps, container);
  assert.ok(saving, "it is not written yet");
  container.record.state.status = "exited";
  await saving;
  assert.deepEqual(saved, ["exited"]);
  assert.deepEqual(told, ["save state"], "told once");
});

test("a record that is written at once leaves nothing to wait for", () => {
  const { deps, container } = scene();
  assert.equal(saveOrRetry(deps, container), undefined);
});

test("the record of a container that is removed meanwhile is not written again", async () => {
  const { deps, saved, container, fail } = scene();
  fail(1);
  const saving = saveOrRetry(deps, container);
  deps.store.delete(container);
  await saving;
  assert.deepEqual(saved, []);
});
