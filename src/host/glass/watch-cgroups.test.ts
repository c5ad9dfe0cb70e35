import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { watchCgroups } from "./watch-cgroups.ts";

test("what a cgroup does is seen in the next look; processes in the root are counted in five", async (t) => {
  const mountpoint = mkdtempSync(join(tmpdir(), "cgroups-"));
  t.after(() => rmSync(mountpoint, { recursive: true }));
  const put = (path: string, files: Record<string, string>) => {
    mkdirSync(mountpoint + path, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(`${mountpoint}${path}/${name}`, text);
  };
  const cpu = (usage: number) => ({ "cpu.stat": `usage_usec ${usage}\n` });
  put("", { ...cpu(100), "cgroup.procs": "1\n2\n" });
  put("/a", { ...cpu(10), "pids.current": "1\n", "cgroup.procs": "7\n" });
  const watch = watchCgroups({ version: "v2", mountpoint, controllers: [] });
  t.after(() => watch.close());
  const look = async () => {
    const [root, a] = await watch.look({ changed: false });
    return { root: root?.processes, usage: a?.cpu?.usage, processes: a?.processes };
  };
  assert.deepEqual(await look(), { root: 3, usage: 10_000, processes: 1 });
  put("", cpu(105));
  put("/a", { ...cpu(15), "pids.current": "2\n", "cgroup.procs": "7\n8\n" });
  assert.deepEqual(await look(), { root: 4, usage: 15_000, processes: 2 });
  put("", { "cgroup.procs": "1\n" });
  const roots: (number | undefined)[] = [];
  for (let i = 0; i < 5; i++) {
    put("", cpu(110 + i));
    roots.push((await look()).root);
  }
  assert.deepEqual([roots[0], roots.at(-1)], [4, 3]);
});
