import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCgroups } from "./index.ts";

/** A directory with these files, gone after the test. */
function fakeRoot(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "cgroups-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
  }
  return root;
}

const mount = (point: string, type: string, options: string) =>
  `30 23 0:28 / ${point} rw,relatime shared:1 - ${type} ${type} rw,${options}`;

const v2Files = {
  "/proc/self/mountinfo": mount("/sys/fs/cgroup", "cgroup2", "nsdelegate"),
  "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
  "/sys/fs/cgroup/cgroup.subtree_control": "cpu memory\n",
};

test("a v2 host is known by its one hierarchy", async (t) => {
  const root = fakeRoot(t, v2Files);
  const { layout } = await createCgroups({ root });
  assert.deepEqual(layout, {
    version: "v2",
    mountpoint: `${root}/sys/fs/cgroup`,
    controllers: ["cpuset", "cpu", "io", "memory", "pids"],
  });
});

test("a hybrid host is a v1 host with a unified hierarchy beside; a second mount of one hierarchy is no second one", async (t) => {
  const root = fakeRoot(t, {
    "/proc/self/mountinfo": [
      mount("/sys/fs/cgroup", "tmpfs", "mode=755"),
      mount("/sys/fs/cgroup/unified", "cgroup2", "nsdelegate"),
      mount("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "cpu,cpuacct"),
      mount("/sys/fs/cgroup/systemd", "cgroup", "xattr,release_agent=/x,name=systemd"),
      mount("/elsewhere", "cgroup", "cpu,cpuacct"),
    ].join("\n"),
  });
  const { layout } = await createCgroups({ root });
  assert.deepEqual(layout, {
    version: "v1",
    hierarchies: [
      { controllers: ["cpu", "cpuacct"], mountpoint: `${root}/sys/fs/cgroup/cpu,cpuacct` },
      { controllers: ["name=systemd"], mountpoint: `${root}/sys/fs/cgroup/systemd` },
    ],
    unified: `${root}/sys/fs/cgroup/unified`,
  });
});

test("systemd's hybrid without v1 controllers is a v2 host; a host without cgroups is told so", async (t) => {
  const named = mount("/sys/fs/cgroup/systemd", "cgroup", "name=systemd");
  const root = fakeRoot(t, { ...v2Files, "/proc/self/mountinfo": `${v2Files["/proc/self/mountinfo"]}\n${named}` });
  assert.equal((await createCgroups({ root })).layout.version, "v2");
  const bare = fakeRoot(t, { "/proc/self/mountinfo": mount("/", "ext4", "x") });
  await assert.rejects(createCgroups({ root: bare }), /no cgroup file system is mounted/);
});

test("only the controllers that parents do not pass on yet are enabled, level by level", async (t) => {
  const root = fakeRoot(t, {
    ...v2Files,
    "/sys/fs/cgroup/a/cgroup.subtree_control": "",
    "/sys/fs/cgroup/a/b/cgroup.subtree_control": "cpuset cpu io memory pids\n",
  });
  await (await createCgroups({ root })).prepare("/a/b/id");
  const read = (path: string) => readFileSync(`${root}/sys/fs/cgroup${path}/cgroup.subtree_control`, "utf8");
  // A plain file keeps what is written over its start, where the kernel would add.
  assert.match(read(""), /^\+cpuset \+io \+pids/);
  assert.equal(read("/a"), "+cpuset +cpu +io +memory +pids");
  assert.equal(read("/a/b"), "cpuset cpu io memory pids\n");
});

test("a v2 sample has docker's units", async (t) => {
  const files = {
    "cpu.stat": "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 7\nnr_throttled 1\nthrottled_usec 4\n",
    "memory.current": "4096\n",
    "memory.max": "max\n",
    "memory.events": "low 0\nhigh 0\nmax 2\noom 0\noom_kill 0\n",
    "memory.stat": "anon 1\nfile 2\ninactive_file 1024\n",
    "pids.current": "3\n",
    "pids.max": "100\n",
    "io.stat": "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:16 \n",
  };
  const inCgroup = Object.entries(files).map(([name, text]) => [`/sys/fs/cgroup/docker/x/${name}`, text]);
  const root = fakeRoot(t, { ...v2Files, ...Object.fromEntries(inCgroup) });
  const cgroups = await createCgroups({ root });
  assert.deepEqual(await cgroups.sample("/docker/x"), {
    cpu: { total: 5000, user: 3000, system: 2000, periods: 7, throttledPeriods: 1, throttledTime: 4000 },
    memory: {
      usage: 4096,
      limit: Number.MAX_SAFE_INTEGER,
      failcnt: 2,
      oomKills: 0,
      stats: { anon: 1, file: 2, inactive_file: 1024 },
    },
    pids: { current: 3, limit: 100 },
    blkio: [
      { op: "Read", major: 8, minor: 0, bytes: 1, ios: 3 },
      { op: "Write", major: 8, minor: 0, bytes: 2, ios: 4 },
      { op: "Discard", major: 8, minor: 0, bytes: 5, ios: 6 },
    ],
  });
  assert.equal(await cgroups.sample("/docker/gone"), undefined);
});

test("a v1 sample joins the bytes and the operations of a device", async (t) => {
  const root = fakeRoot(t, {
    "/proc/self/mountinfo": ["cpu,cpuacct", "memory", "pids", "blkio"]
      .map((name) => mount(`/cg/${name}`, "cgroup", name))
      .join("\n"),
    "/cg/cpu,cpuacct/x/cpuacct.usage": "900\n",
    "/cg/cpu,cpuacct/x/cpuacct.usage_user": "600\n",
    "/cg/cpu,cpuacct/x/cpuacct.usage_sys": "300\n",
    "/cg/cpu,cpuacct/x/cpuacct.usage_percpu": "500 400 \n",
    "/cg/cpu,cpuacct/x/cpu.stat": "nr_periods 1\nnr_throttled 2\nthrottled_time 3\n",
    "/cg/memory/x/memory.usage_in_bytes": "10\n",
    "/cg/memory/x/memory.max_usage_in_bytes": "20\n",
    "/cg/memory/x/memory.limit_in_bytes": "30\n",
    "/cg/memory/x/memory.failcnt": "4\n",
    "/cg/memory/x/memory.stat": "cache 1\ntotal_inactive_file 2\n",
    "/cg/pids/x/pids.current": "5\n",
    "/cg/pids/x/pids.max": "max\n",
    "/cg/blkio/x/blkio.throttle.io_service_bytes_recursive": "8:0 Read 4096\n8:0 Write 0\nTotal 4096\n",
    "/cg/blkio/x/blkio.throttle.io_serviced_recursive": "8:0 Read 1\n8:0 Write 0\nTotal 1\n",
  });
  const sample = await (await createCgroups({ root })).sample("/x");
  assert.deepEqual(sample?.cpu, {
    total: 900,
    user: 600,
    system: 300,
    perCpu: [500, 400],
    periods: 1,
    throttledPeriods: 2,
    throttledTime: 3,
  });
  assert.deepEqual(sample?.memory, {
    usage: 10,
    maxUsage: 20,
    limit: 30,
    failcnt: 4,
    stats: { cache: 1, total_inactive_file: 2 },
  });
  assert.deepEqual(sample?.pids, { current: 5 });
  assert.deepEqual(sample?.blkio, [
    { op: "Read", major: 8, minor: 0, bytes: 4096, ios: 1 },
    { op: "Write", major: 8, minor: 0, bytes: 0, ios: 0 },
  ]);
});

test("a file that is missing is not made by a write", async (t) => {
  const root = fakeRoot(t, v2Files);
  const cgroups = await createCgroups({ root });
  await assert.rejects(cgroups.update("/docker/x", { pidsLimit: 5 }), {
    code: "ENOENT",
    message: `write 5 to ${root}/sys/fs/cgroup/docker/x/pids.max: ENOENT`,
  });
});
