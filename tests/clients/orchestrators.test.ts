/** What cri-dockerd (Kubernetes) and Nomad's docker driver ask of an engine, in the order in which they ask it. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, readlinkSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { stopWithoutFaults } from "./clients.ts";
import { type Client, httpClient } from "./http.ts";

/** Kubernetes gives sandboxes -998; to lower a score takes CAP_SYS_RESOURCE, which root in a container may lack. */
const SCORE = mayLowerScores() ? -998 : 2;
/** As dockerd chooses it. */
const DRIVER =
  existsSync("/run/systemd/system") && existsSync("/sys/fs/cgroup/cgroup.controllers") ? "systemd" : "cgroupfs";
const PARENT = "/docker-test-clients";
/** kubelet gives a pod's cgroup in the words of the driver. */
const POD = DRIVER === "systemd" ? "clt_clients-pod1.slice" : `${PARENT}/pod1`;
const PLACE = DRIVER === "systemd" ? `/clt_clients.slice/${POD}` : POD;
let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(async () => {
  await stopWithoutFaults(engine);
  const left = ["", "/*"].flatMap((hierarchy) => [
    `/sys/fs/cgroup${hierarchy}${PARENT}/cgroup.procs`,
    `/sys/fs/cgroup${hierarchy}${PARENT}/*/cgroup.procs`,
  ]);
  const paths = globSync(left).map((file) => dirname(file));
  for (const path of paths.sort().reverse()) rmdirSync(path);
});

function mayLowerScores(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  const SYS_RESOURCE = 24n;
  return ((BigInt(`0x${effective}`) >> SYS_RESOURCE) & 1n) === 1n;
}

async function pidOf(call: Client, id: string): Promise<number> {
  return (await call("GET", `/containers/${id}/json`)).json.State.Pid;
}
const namespaceOf = (pid: number, name: string) => readlinkSync(`/proc/${pid}/ns/${name}`);
const filters = (words: object) => `filters=${encodeURIComponent(JSON.stringify(words))}`;

describe("cri-dockerd: a pod of a pause container and one that joins it", () => {
  const call: Client = Object.assign(
    (method: string, path: string, body?: object) => httpClient(engine, "v1.43")(method, path, body),
    {
      stream: (path: string) => httpClient(engine, "v1.43").stream(path),
      hijack: (path: string, body?: object) => httpClient(engine, "v1.43").hijack(path, body),
    },
  );
  const labels = { "io.kubernetes.docker.type": "podsandbox", "io.kubernetes.pod.name": "web-0" };
  let sandbox = "";
  let container = "";

  test("version and info say what kubelet compares with its own settings", async () => {
    const { json: version } = await call("GET", "/version");
    assert.match(version.Version, /^\d+\.\d+\.\d+/);
    assert.equal(version.ApiVersion, "1.51");
    const { json: info } = await call("GET", "/info");
    assert.equal(info.CgroupDriver, DRIVER);
    assert.equal(info.DockerRootDir, engine.dataRoot);
    assert.equal(info.LoggingDriver, "json-file");
    assert.equal(typeof info.Runtimes.runc.path, "string");
    assert.equal(info.OSType, "linux");
  });

  test("the image service: list, inspect with its user, history", async () => {
    const { json: list } = await call("GET", `/images/json?${filters({ reference: ["busybox"] })}`);
    assert.deepEqual(list[0].RepoTags, ["busybox:latest"]);
    const { json: image } = await call("GET", "/images/busybox:latest/json");
    assert.equal(image.Id, list[0].Id);
    assert.equal(image.Config.User, "");
    assert.equal((await call("GET", `/images/${image.Id}/history`)).json[0].Id, image.Id);
    assert.equal((await call("GET", "/images/absent:1/json")).status, 404);
  });

  test("the sandbox: its own network namespace without a network, shared ipc, the pod's cgroup", async () => {
    const created = await call("POST", "/containers/create?name=k8s_POD_web-0_default_1_0", {
      ...{ Image: "busybox", Cmd: ["sleep", "600"], Labels: labels, Hostname: "web-0" },
      HostConfig: {
        ...{ NetworkMode: "none", IpcMode: "shareable", CgroupParent: POD, OomScoreAdj: SCORE },
        ...{ SecurityOpt: ["seccomp=unconfined"], LogConfig: { Type: "json-file", Config: { "max-size": "10m" } } },
      },
    });
    assert.equal(created.status, 201, created.body.toString());
    sandbox = created.json.Id;
    const list = () =>
      call("GET", `/containers/json?all=1&${filters({ label: ["io.kubernetes.docker.type=podsandbox"] })}`);
    assert.deepEqual([(await list()).json[0].Status, (await list()).json[0].State], ["Created", "created"]);
    assert.equal((await call("POST", `/containers/${sandbox}/start`)).status, 204);
    assert.match((await list()).json[0].Status, /^Up /);
    const { json: inspected } = await call("GET", `/containers/${sandbox}/json`);
    assert.deepEqual(inspected.HostConfig.CgroupParent, POD);
    assert.deepEqual(inspected.HostConfig.IpcMode, "shareable");
    const pid = inspected.State.Pid;
    // Where a CNI plugin puts the pod's interface.
    assert.notEqual(namespaceOf(pid, "net"), readlinkSync("/proc/self/ns/net"));
    assert.match(readFileSync(`/proc/${pid}/cgroup`, "utf8"), new RegExp(`:${PLACE}/`, "m"));
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim(), String(SCORE));
  });

  test("a container of the pod joins the sandbox's network, ipc and processes", async () => {
    const mode = `container:${sandbox}`;
    const created = await call("POST", "/containers/create?name=k8s_web_web-0_default_1_0", {
      ...{ Image: "busybox", Cmd: ["sh", "-c", "echo out; echo err >&2; sleep 600"] },
      Labels: { ...labels, "io.kubernetes.docker.type": "container" },
      HostConfig: {
        ...{ NetworkMode: mode, IpcMode: mode, PidMode: mode, CgroupParent: POD },
        ...{ Memory: 64 << 20, CpuShares: 512, OomScoreAdj: 1000 },
      },
    });
    assert.equal(created.status, 201, created.body.toString());
    container = created.json.Id;
    assert.equal((await call("POST", `/containers/${container}/start`)).status, 204);
    const [pause, own] = [await pidOf(call, sandbox), await pidOf(call, container)];
    for (const name of ["net", "ipc", "pid"]) assert.equal(namespaceOf(own, name), namespaceOf(pause, name), name);
    assert.notEqual(namespaceOf(own, "mnt"), namespaceOf(pause, "mnt"));
    const { json: inspected } = await call("GET", `/containers/${container}/json`);
    assert.deepEqual(inspected.NetworkSettings.Networks, {});
  });

  test("kubelet reads the log itself, at LogPath", async () => {
    const { json: inspected } = await call("GET", `/containers/${container}/json`);
    assert.equal(inspected.HostConfig.LogConfig.Type, "json-file");
    const lines = () => readFileSync(inspected.LogPath, "utf8").split("\n").filter(Boolean);
    await until(() => lines().length === 2);
    const entries = lines().map((line) => JSON.parse(line));
    assert.deepEqual(entries.map(({ log, stream }) => [log, stream]).sort(), [
      ["err\n", "stderr"],
      ["out\n", "stdout"],
    ]);
    for (const { time } of entries) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z$/);
  });

  test("exec: create, start by an upgrade, resize, inspect", async () => {
    const exec = await call("POST", `/containers/${container}/exec`, {
      ...{ Cmd: ["sh", "-c", "read x; stty size; exit 4"], AttachStdin: true, AttachStdout: true, Tty: true },
    });
    assert.equal(exec.status, 201);
    const socket = await call.hijack(`/exec/${exec.json.Id}/start`, { Detach: false, Tty: true });
    const output = text(socket);
    assert.equal((await call("POST", `/exec/${exec.json.Id}/resize?h=20&w=71`)).status < 300, true);
    socket.write("go\n");
    assert.match(await output, /20 71/);
    const { json } = await call("GET", `/exec/${exec.json.Id}/json`);
    assert.deepEqual([json.ExitCode, json.Running, json.ContainerID], [4, false, container]);
  });

  test("stats, size and update", async () => {
    const { json: stats } = await call("GET", `/containers/${container}/stats?stream=false`);
    assert.equal(stats.memory_stats.limit, 64 << 20);
    assert.ok(stats.cpu_stats.cpu_usage.total_usage > 0);
    assert.equal(typeof (await call("GET", `/containers/${container}/json?size=1`)).json.SizeRw, "number");
    const updated = await call("POST", `/containers/${container}/update`, {
      CpuShares: 256,
      Memory: 96 << 20,
      MemorySwap: -1,
    });
    assert.equal(updated.status, 200, updated.body.toString());
    assert.equal((await call("GET", `/containers/${container}/json`)).json.HostConfig.CpuShares, 256);
  });

  test("a container killed for its memory says so", async () => {
    const created = await call("POST", "/containers/create", {
      ...{ Image: "busybox", Cmd: ["sh", "-c", "tail /dev/zero"] },
      HostConfig: {
        NetworkMode: `container:${sandbox}`,
        CgroupParent: POD,
        Memory: 16 << 20,
        MemorySwap: 16 << 20,
      },
    });
    const id = created.json.Id;
    await call("POST", `/containers/${id}/start`);
    assert.equal((await call("POST", `/containers/${id}/wait`)).json.StatusCode, 137);
    const { json } = await call("GET", `/containers/${id}/json`);
    assert.deepEqual([json.State.OOMKilled, json.State.ExitCode, json.State.Status], [true, 137, "exited"]);
    assert.equal((await call("DELETE", `/containers/${id}?v=1&force=1`)).status, 204);
  });

  test("the pod ends: stop, list with its status, remove; stopping twice is no error", async () => {
    assert.equal((await call("POST", `/containers/${container}/stop?t=0`)).status, 204);
    assert.equal((await call("POST", `/containers/${container}/stop?t=0`)).status, 304);
    const { json } = await call("GET", `/containers/json?all=1&${filters({ id: [container] })}`);
    assert.match(json[0].Status, /^Exited \((137|143)\) /);
    assert.equal(json[0].State, "exited");
    for (const id of [container, sandbox])
      assert.equal((await call("DELETE", `/containers/${id}?v=1&force=1`)).status, 204);
    assert.equal((await call("DELETE", `/containers/${sandbox}?force=1`)).status, 404);
  });
});

describe("Nomad's docker driver", () => {
  test("fingerprint: version, info, the bridge's gateway", async () => {
    const call = httpClient(engine, "v1.44");
    const { json: info } = await call("GET", "/info");
    assert.deepEqual([info.OSType, info.CgroupDriver, info.Swarm.LocalNodeState], ["linux", DRIVER, "inactive"]);
    assert.ok("runc" in info.Runtimes);
    const { json: networks } = await call("GET", "/networks");
    const bridge = networks.find(({ Name }: { Name: string }) => Name === "bridge");
    assert.match(bridge.IPAM.Config[0].Gateway, /^\d+\.\d+\.\d+\.\d+$/);
    assert.deepEqual((await call("GET", "/plugins")).json, []);
  });

  test("a task: create, start, follow its log, exec in it, watch it, end it", async () => {
    const call = httpClient(engine, "v1.44");
    const began = new Date(Date.now() - 1000).toISOString();
    const labels = { "com.hashicorp.nomad.alloc_id": "a1" };
    const created = await call("POST", "/containers/create?name=task-a1", {
      ...{ Image: "busybox", Cmd: ["sh", "-c", "trap 'echo bye; exit 3' INT; while :; do echo tick; sleep 0.2; done"] },
      ...{ Labels: labels, Env: ["NOMAD_TASK_NAME=task"], StopSignal: "SIGINT" },
      HostConfig: {
        ...{
          NetworkMode: "bridge",
          Memory: 64 << 20,
          CpuShares: 100,
          LogConfig: { Type: "json-file", Config: { "max-file": "2", "max-size": "2m" } },
        },
        ...{
          PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
          CapDrop: ["ALL"],
          CapAdd: ["CHOWN", "KILL"],
          PidsLimit: 32,
        },
      },
      ExposedPorts: { "80/tcp": {} },
    });
    assert.equal(created.status, 201, created.body.toString());
    const id = created.json.Id;
    const taken = await call("POST", "/containers/create?name=task-a1", { Image: "busybox" });
    assert.equal(taken.status, 409);
    assert.match(taken.json.message, /Conflict\. The container name "\/task-a1" is already in use by container/);
    assert.equal((await call("POST", `/containers/${id}/start`)).status, 204);
    const { json: inspected } = await call("GET", `/containers/${id}/json`);
    assert.equal(inspected.State.Running, true);
    assert.match(inspected.NetworkSettings.Networks.bridge.IPAddress, /^\d/);
    assert.ok(Number(inspected.NetworkSettings.Ports["80/tcp"][0].HostPort) > 0);

    const since = Date.parse(began) / 1000;
    const logs = text(await call.stream(`/containers/${id}/logs?follow=1&stdout=1&stderr=1&since=${since}`));
    const samples = await call.stream(`/containers/${id}/stats?stream=1`);
    let count = 0;
    samples.on("data", (data) => (count += String(data).trim().split("\n").length));
    await until(() => count >= 2);
    samples.destroy();

    const exec = await call("POST", `/containers/${id}/exec`, {
      Cmd: ["sh", "-c", "echo hi; exit 2"],
      AttachStdout: true,
    });
    const said = text(await call.hijack(`/exec/${exec.json.Id}/start`, { Detach: false, Tty: false }));
    assert.match(await said, /hi\n$/);
    assert.equal((await call("GET", `/exec/${exec.json.Id}/json`)).json.ExitCode, 2);

    const waiting = call("POST", `/containers/${id}/wait?condition=not-running`);
    assert.equal((await call("POST", `/containers/${id}/stop?t=20`)).status, 204);
    assert.equal((await waiting).json.StatusCode, 3);
    assert.match(await logs, /tick\n[\s\S]*bye\n$/);
    const listed = await call("GET", `/containers/json?all=1&${filters({ label: ["com.hashicorp.nomad.alloc_id"] })}`);
    assert.deepEqual(
      listed.json.map(({ Id, State }: { Id: string; State: string }) => [Id, State]),
      [[id, "exited"]],
    );
    assert.equal((await call("POST", `/containers/${id}/kill?signal=SIGKILL`)).status, 409);
    assert.equal((await call("DELETE", `/containers/${id}?force=1&v=1`)).status, 204);
    assert.equal((await call("GET", `/containers/${id}/json`)).status, 404);
  });
});
