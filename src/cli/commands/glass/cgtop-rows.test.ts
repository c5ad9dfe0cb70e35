import assert from "node:assert/strict";
import { test } from "node:test";
import type { CgroupNode, CgroupsAnswer } from "../../../wire/glass.ts";
import { cgtopTable, rowsOf } from "./cgtop-rows.ts";

const answer = (at: number, nodes: CgroupNode[], more: Partial<CgroupsAnswer> = {}): CgroupsAnswer => ({
  ...{ version: "v1", at, cpus: 2, files: [], nodes },
  ...more,
});
const node = (path: string, usage: number, throttled = 0, more: Partial<CgroupNode> = {}): CgroupNode => ({
  path,
  processes: 1,
  cpu: { usage, quota: 50_000, period: 100_000, throttled },
  memory: { usage: 3072, inactiveFile: 1024, limit: 4096 },
  ...more,
});
const second = 1e9;
const by = (order: "cpu" | "path") => ({ order, depth: 3, all: false });

test("rates are between two answers: CPU in % of one CPU and of the limit, time held back per second", () => {
  const rows = rowsOf(
    answer(2 * second, [node("/a", second / 2, second / 4)]),
    answer(second, [node("/a", second / 4)]),
    by("cpu"),
  );
  const [row] = rows;
  assert.deepEqual([row?.cpu, row?.cpuLimit, row?.throttled, row?.memory], [25, 0.5, 250, 2048]);
  assert.match(cgtopTable(rows, {}), /^\/a +1 +- +25\.0 +0\.5 +50\.0% +250 ms\/s +2KiB +4KiB +50\.0%/m);
});

test("a cgroup that was made anew under its path counts from nothing, not backwards", () => {
  const [row] = rowsOf(answer(2 * second, [node("/a", 10)]), answer(second, [node("/a", second)]), by("cpu"));
  assert.equal(row?.cpu, 0);
});

test("the table is sorted by its key, cut at its depth, without empty groups; the column of pressure goes with its reason", () => {
  const nodes = [
    node("/", 0),
    node("/b", 0),
    node("/a", second),
    node("/a/b/c/d", 0),
    node("/e", 0, 0, { processes: 0 }),
  ];
  const before = answer(
    second,
    nodes.map((it) => node(it.path, 0)),
  );
  const paths = (order: "cpu" | "path") =>
    rowsOf(answer(2 * second, nodes), before, by(order)).map((row) => row.node.path);
  assert.deepEqual(paths("cpu"), ["/a", "/", "/b"]);
  assert.deepEqual(paths("path"), ["/", "/a", "/b"]);
  assert.doesNotMatch(cgtopTable([], { noPressure: "no PSI" }), /PRESSURE/);
});
