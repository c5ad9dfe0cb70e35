import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf } from "./changes.ts";

type Entry = Parameters<typeof changesOf>[0][0];
const facts = { mode: 0o755, uid: 0, gid: 0, size: 1, mtime: { seconds: 5, nanoseconds: 0 }, major: 0, minor: 0 };
const lower = { mode: 0o755, uid: 0, gid: 0, size: 1, seconds: 5 };
const made = (kind: Entry["kind"], path: string): Entry => ({ ...facts, kind, path, before: undefined });
const kept = (kind: Entry["kind"], path: string, change: Partial<Entry> = {}): Entry => ({
  ...{ ...facts, kind, path, before: { ...lower, kind } },
  ...change,
});
const shown = (entries: Entry[]) => changesOf(entries).map(({ Path, Kind }) => `${"CAD"[Kind]} ${Path}`);

test("a directory is changed when something in it is, but not by being there", () => {
  assert.deepEqual(shown([kept("dir", "a"), kept("dir", "a/b"), made("file", "a/b/c"), kept("dir", "d")]), [
    "C /a",
    "C /a/b",
    "A /a/b/c",
  ]);
});

test("a file that was only copied up has not changed", () => {
  assert.deepEqual(shown([kept("dir", "a", { mtime: { seconds: 9, nanoseconds: 0 } }), kept("file", "a/f")]), []);
  for (const change of [{ size: 2 }, { mode: 0o644 }, { uid: 1 }, { mtime: { seconds: 6, nanoseconds: 0 } }])
    assert.deepEqual(shown([kept("file", "f", change)]), ["C /f"]);
});

test("names are sorted directory by directory, whatever the layer's order", () => {
  const names = ["a-b", "a/z", "a", "a.b"].map((path) => made(path === "a" ? "dir" : "file", path));
  assert.deepEqual(shown(names), ["A /a", "A /a/z", "A /a-b", "A /a.b"]);
});

test("what a new directory hides is deleted, unless it is there again", () => {
  const gone = (path: string): Entry => made("char", path);
  assert.deepEqual(shown([kept("dir", "d"), gone("d/x"), gone("d/y"), kept("file", "d/y", { size: 3 })]), [
    "C /d",
    "D /d/x",
    "C /d/y",
  ]);
});
