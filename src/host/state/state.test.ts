import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { aRecord } from "../../engine/containers/fixtures.ts";
import { openState } from "./records.ts";

function temporary(run: (root: string) => void) {
  const root = mkdtempSync(join(tmpdir(), "cloche-state-"));
  try {
    run(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("a record is there again after the engine's restart, bytes of its plan included", () =>
  temporary((root) => {
    const record = aRecord({ id: "a".repeat(64), name: "kept" });
    const op = {
      op: "seccomp",
      flags: 0,
      program: new Uint8Array([1, 2, 255]),
      stage: "container",
      phase: "seccomp",
    } as const;
    // Node's own kind of bytes says something else of itself to JSON.
    const messages = Buffer.from([3, 4, 250]);
    const netlink = {
      op: "netlink",
      label: "up",
      messages,
      optional: false,
      stage: "container",
      phase: "network",
    } as const;
    record.plan = { plan: { version: 1, ops: [op, netlink] }, timings: [[0, 12]] };
    const first = openState(root);
    first.records.save({ ...record, name: "before" });
    first.records.save(record);
    first.close();

    const second = openState(root);
    try {
      const plan = { version: 1, ops: [op, { ...netlink, messages: new Uint8Array(messages) }] };
      assert.deepEqual(second.records.loadAll(), [{ ...record, plan: { plan, timings: [[0, 12]] } }]);
      second.records.delete(record.id);
      assert.deepEqual(second.records.loadAll(), []);
    } finally {
      second.close();
    }
  }));

test("containers come back in the order of their creation", () =>
  temporary((root) => {
    const state = openState(root);
    try {
      state.records.save(aRecord({ id: "b".repeat(64), name: "second", created: "2026-01-02T00:00:00.000000002Z" }));
      state.records.save(aRecord({ id: "c".repeat(64), name: "first", created: "2026-01-02T00:00:00.000000001Z" }));
      assert.deepEqual(
        state.records.loadAll().map((record) => record.name),
        ["first", "second"],
      );
    } finally {
      state.close();
    }
  }));

test("a second engine on the same data root is refused, and let in when the first is gone", () =>
  temporary((root) => {
    const first = openState(root);
    assert.throws(() => openState(root), { kind: "conflict", message: `another engine uses the data root ${root}` });
    first.close();
    openState(root).close();
  }));
