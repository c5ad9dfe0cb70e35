/** dockerode, by which most Node programs speak to docker: what each call gets from this engine. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { busyboxTar } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { stopWithoutFaults } from "./clients.ts";

let engine: TestEngine;
let docker: Docker;
before(async () => {
  engine = await startEngine();
  docker = new Docker({ socketPath: engine.socket });
  const progress = await importImage(await busyboxTar());
  assert.match(String(progress.at(-1)?.status), /^sha256:[0-9a-f]{64}$/);
});
after(() => stopWithoutFaults(engine));

/** POST /images/create?fromSrc=- and what followProgress makes of the answer. */
async function importImage(archive: Buffer): Promise<Record<string, unknown>[]> {
  const source = new PassThrough();
  source.end(archive);
  const stream = await docker.importImage(source, { repo: "busybox", tag: "latest", changes: 'CMD ["sh"]' });
  return await new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)));
  });
}

const quiet = { Image: "busybox", HostConfig: { NetworkMode: "none" } };

async function running(name: string, options: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
  const container = await docker.createContainer({ ...quiet, name, Cmd: ["sleep", "600"], ...options });
  await container.start();
  return container;
}

/** Stdout and stderr of a multiplexed stream, when it has ended. */
async function demuxed(stream: NodeJS.ReadableStream): Promise<{ stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  docker.modem.demuxStream(stream, stdout, stderr);
  const texts = Promise.all([text(stdout), text(stderr)]);
  await once(stream, "end");
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { stdout: out, stderr: err };
}

test("ping, version and info, without a version in the path", async () => {
  assert.equal((await docker.ping()).toString(), "OK");
  const version = await docker.version();
  assert.equal(version.ApiVersion, "1.51");
  assert.equal(version.Os, "linux");
  const info = await docker.info();
  assert.equal(info.OSType, "linux");
  assert.equal(info.NCPU > 0, true);
  assert.equal(info.Images, 1);
});

test("run: output, exit status and auto-removal", async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(stdout), text(stderr)]);
  const [result, container] = await docker.run(
    "busybox",
    ["sh", "-c", "echo out; echo err >&2; exit 3"],
    [stdout, stderr],
    { Tty: false, HostConfig: { AutoRemove: true, NetworkMode: "none" } },
  );
  stdout.end();
  stderr.end();
  assert.equal(result.StatusCode, 3);
  assert.deepEqual(await texts, ["out\n", "err\n"]);
  await until(async () => !(await exists(container)), { what: "the container is removed" });
});

test("wait: a container that has removed itself meanwhile still tells how it ended", async () => {
  const container = await docker.createContainer({
    Image: "busybox",
    Cmd: ["sh", "-c", "exit 7"],
    HostConfig: { AutoRemove: true, NetworkMode: "none" },
  });
  await container.start();
  await until(async () => !(await exists(container)), { what: "the container is removed" });
  assert.deepEqual(await container.wait(), { StatusCode: 7 });
  await assert.rejects(docker.getContainer("0".repeat(64)).wait(), { statusCode: 404 });
});

async function exists(container: Docker.Container): Promise<boolean> {
  return await container.inspect().then(
    () => true,
    (error: { statusCode?: number }) => {
      assert.equal(error.statusCode, 404);
      return false;
    },
  );
}

test("attach by an upgrade: input goes in, its end too, output comes back", async () => {
  const container = await docker.createContainer({ ...quiet, Cmd: ["cat"], OpenStdin: true, StdinOnce: true });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const output = demuxed(stream);
  await container.start();
  stream.write("one\n");
  stream.end("two\n");
  assert.deepEqual(await output, { stdout: "one\ntwo\n", stderr: "" });
  assert.equal((await container.wait()).StatusCode, 0);
  await container.remove();
});

test("attach over a plain answer: input goes in, output comes back and ends with the container", async () => {
  // No end of input here: docker-modem's stream destroys its socket before it sends the end.
  const Cmd = ["sh", "-c", "read a; read b; echo $a $b; echo err >&2"];
  const container = await docker.createContainer({ ...quiet, Cmd, OpenStdin: true });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true });
  const output = demuxed(stream);
  await container.start();
  stream.write("one\n");
  stream.write("two\n");
  assert.deepEqual(await output, { stdout: "one two\n", stderr: "err\n" });
  await container.remove();
});

test("attach to a terminal is raw, and resizable", async () => {
  const container = await docker.createContainer({
    ...quiet,
    Cmd: ["sh", "-c", "read line; stty size; echo got $line"],
    OpenStdin: true,
    Tty: true,
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const output = text(stream as unknown as Readable);
  await container.start();
  await container.resize({ h: 33, w: 99 });
  stream.write("x\n");
  assert.match(await output, /33 99\r\ngot x\r\n$/);
  await container.remove();
});

test("exec: the exit code is there before the stream ends, fifty times", async () => {
  const container = await running("execs");
  for (let i = 0; i < 50; i++) {
    const exec = await container.exec({
      Cmd: ["sh", "-c", `echo out ${i}; echo err >&2; exit ${i}`],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start(i % 2 === 0 ? { hijack: true, stdin: false } : {});
    assert.deepEqual(await demuxed(stream), { stdout: `out ${i}\n`, stderr: "err\n" });
    const { ExitCode, Running, Pid } = await exec.inspect();
    assert.deepEqual({ ExitCode, Running }, { ExitCode: i, Running: false });
    assert.equal(typeof Pid, "number");
  }
  await container.remove({ force: true });
});

test("exec with input, a terminal, an environment, a directory and a user", async () => {
  const container = await running("exec-options");
  const piped = await container.exec({ Cmd: ["wc", "-c"], AttachStdin: true, AttachStdout: true });
  const stream = await piped.start({ hijack: true, stdin: true });
  const counted = demuxed(stream);
  stream.end("x".repeat(300_000));
  assert.equal((await counted).stdout.trim(), "300000");

  const terminal = await container.exec({
    ...{ Cmd: ["sh", "-c", "tty; echo $A; pwd; id -u"], Tty: true, AttachStdout: true },
    ...{ Env: ["A=b"], WorkingDir: "/tmp", User: "nobody" },
  });
  const raw = await terminal.start({ Tty: true, hijack: true });
  assert.match(await text(raw as unknown as Readable), /^\/dev\/pts\/\d+\r\nb\r\n\/tmp\r\n65534\r\n$/);

  const detached = await container.exec({ Cmd: ["touch", "/tmp/made"] });
  await detached.start({ Detach: true });
  await until(async () => !(await detached.inspect()).Running);
  assert.equal((await detached.inspect()).ExitCode, 0);
  await container.remove({ force: true });
});

test("logs: a buffer without follow, a stream with it; tail, since, timestamps", async () => {
  const container = await running("logs", { Cmd: ["sh", "-c", "echo one; echo bad >&2; sleep 1; echo two"] });
  const followed = demuxed(await container.logs({ follow: true, stdout: true, stderr: true }));
  assert.deepEqual(await followed, { stdout: "one\ntwo\n", stderr: "bad\n" });
  const all = await container.logs({ follow: false, stdout: true, stderr: true });
  assert.equal(all.length, 3 * 8 + "one\nbad\ntwo\n".length);
  const last = await container.logs({ follow: false, stdout: true, stderr: true, tail: 1, timestamps: true });
  assert.match(last.subarray(8).toString(), /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z two\n$/);
  const future = await container.logs({ follow: false, stdout: true, since: Math.ceil(Date.now() / 1000) + 60 });
  assert.equal(future.length, 0);
  await container.remove();
});

test("stats: one sample, and a stream of them that ends with its reader", async () => {
  const container = await running("stats", { Cmd: ["sh", "-c", "while :; do sleep 0.05; done"] });
  const once = await container.stats({ stream: false });
  assert.ok(once.memory_stats.usage > 0);
  assert.ok(once.cpu_stats.online_cpus > 0);
  assert.ok(once.cpu_stats.system_cpu_usage > once.precpu_stats.system_cpu_usage);
  const stream = await container.stats({ stream: true });
  const samples: string[] = [];
  for await (const chunk of stream as unknown as Readable) {
    samples.push(...String(chunk).trim().split("\n"));
    if (samples.length >= 2) break;
  }
  const [first, second] = samples.map((line) => JSON.parse(line));
  assert.equal(second.precpu_stats.cpu_usage.total_usage, first.cpu_stats.cpu_usage.total_usage);
  await container.remove({ force: true });
});

test("events: of the past by until, and live by a filter", async () => {
  const live = (await docker.getEvents({ filters: { type: ["container"], label: ["who=events"] } })) as Readable;
  const seen: string[] = [];
  live.on("data", (chunk) => {
    for (const line of String(chunk).trim().split("\n")) seen.push(JSON.parse(line).Action);
  });
  const container = await running("events", { Cmd: ["true"], Labels: { who: "events" } });
  await container.wait();
  await container.remove();
  await until(() => seen.includes("destroy"));
  assert.deepEqual(seen, ["create", "start", "die", "destroy"]);
  live.destroy();
  const past = await docker.getEvents({
    since: 0,
    until: Math.ceil(Date.now() / 1000),
    filters: { container: [container.id] },
  });
  const actions = (await text(past as unknown as Readable))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).Action);
  assert.deepEqual(actions, seen);
});

test("containers: list by filters, rename, pause, top, update, restart, kill, prune", async () => {
  const container = await running("verbs", { Labels: { who: "verbs" } });
  await container.rename({ name: "verbs2" });
  await container.pause();
  const find = () => docker.listContainers({ all: true, filters: { label: ["who=verbs"] } });
  const [paused] = await find();
  assert.deepEqual(paused?.Names, ["/verbs2"]);
  assert.equal(paused?.State, "paused");
  assert.match(paused?.Status ?? "", /^Up .* \(Paused\)$/);
  await container.unpause();
  assert.match(JSON.stringify((await container.top()).Processes), /sleep 600/);
  await container.update({ Memory: 64 << 20, MemorySwap: 64 << 20 });
  assert.equal((await container.inspect()).HostConfig.Memory, 64 << 20);
  await container.restart({ t: 0 });
  await container.kill({ signal: "SIGKILL" });
  assert.equal((await container.wait()).StatusCode, 137);
  const pruned = await docker.pruneContainers({ filters: { label: ["who=verbs"] } });
  assert.deepEqual(pruned.ContainersDeleted, [container.id]);
});

test("networks: create, connect with an alias, resolve it, disconnect, remove", async () => {
  const network = await docker.createNetwork({
    Name: "rode",
    Labels: { a: "b" },
    IPAM: { Driver: "default", Config: [{ Subnet: "10.213.7.0/24" }] },
  });
  const server = await running("server", { HostConfig: { NetworkMode: "rode" } });
  const other = await running("other", { HostConfig: {} });
  await network.connect({
    Container: other.id,
    EndpointConfig: { Aliases: ["second"], IPAMConfig: { IPv4Address: "10.213.7.77" } },
  });
  const { Containers } = await network.inspect();
  assert.deepEqual(Object.keys(Containers ?? {}).sort(), [server.id, other.id].sort());
  const exec = await server.exec({ Cmd: ["nslookup", "second"], AttachStdout: true });
  assert.match((await demuxed(await exec.start({}))).stdout, /10\.213\.7\.77/);
  await assert.rejects(network.remove(), /has active endpoints/);
  await network.disconnect({ Container: other.id });
  await server.remove({ force: true });
  await other.remove({ force: true });
  await network.remove();
  assert.deepEqual(await docker.listNetworks({ filters: { label: ["a=b"] } }), []);
});

test("volumes: create, use, refuse to remove while used, list, remove", async () => {
  await docker.createVolume({ Name: "rode-data", Labels: { a: "b" } });
  const container = await docker.createContainer({
    ...quiet,
    Cmd: ["sh", "-c", "echo kept > /data/f"],
    HostConfig: { NetworkMode: "none", Binds: ["rode-data:/data"] },
  });
  await container.start();
  await container.wait();
  const volume = docker.getVolume("rode-data");
  await assert.rejects(volume.remove(), (error: { statusCode?: number }) => error.statusCode === 409);
  await container.remove();
  const again = await running("again", {
    Cmd: ["cat", "/data/f"],
    HostConfig: { NetworkMode: "none", Mounts: [{ Type: "volume", Source: "rode-data", Target: "/data" }] },
  });
  await again.wait();
  assert.match((await again.logs({ stdout: true })).toString(), /kept\n$/);
  await again.remove();
  const { Volumes } = await docker.listVolumes({ filters: { label: ["a=b"] } });
  assert.deepEqual(
    Volumes.map(({ Name }) => Name),
    ["rode-data"],
  );
  await volume.remove();
});

test("images: tag, inspect, history, save, load, remove; an unknown one is named in the error", async () => {
  const image = docker.getImage("busybox");
  await image.tag({ repo: "rode", tag: "v1" });
  assert.deepEqual((await docker.getImage("rode:v1").inspect()).Config.Cmd, ["sh"]);
  assert.equal((await image.history()).length > 0, true);
  const archive = await buffer((await docker.getImage("rode:v1").get()) as unknown as Readable);
  await docker.getImage("rode:v1").remove();
  const source = new PassThrough();
  source.end(archive);
  const progress = await docker.loadImage(source);
  assert.match(await text(progress as unknown as Readable), /Loaded image: rode:v1/);
  await docker.getImage("rode:v1").remove();
  await assert.rejects(
    docker.createContainer({ Image: "absent:1" }),
    (error: { statusCode?: number; message: string }) => {
      assert.equal(error.statusCode, 404);
      assert.match(error.message, /No such image: absent:1/i);
      return true;
    },
  );
});

test("archives: put a file in, its status, and get it out", async () => {
  const container = await docker.createContainer({ ...quiet, name: "files", Cmd: ["cat", "/tmp/in.txt"] });
  const archive = pack();
  archive.entry({ name: "in.txt", mode: 0o640 }, "carried\n");
  archive.finalize();
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: "/tmp" });
  const status = (await container.infoArchive({ path: "/tmp/in.txt" })) as unknown as {
    headers: Record<string, string>;
  };
  const stat = JSON.parse(Buffer.from(status.headers["x-docker-container-path-stat"] ?? "", "base64").toString());
  assert.deepEqual([stat.name, stat.size, stat.mode], ["in.txt", 8, 0o640]);
  const out = await buffer((await container.getArchive({ path: "/tmp/in.txt" })) as unknown as Readable);
  assert.ok(out.includes("carried\n"));
  await container.start();
  await container.wait();
  assert.match((await container.logs({ stdout: true })).toString(), /carried\n$/);
  await container.remove();
});
