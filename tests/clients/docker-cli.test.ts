/** The docker CLI, an old one and a new one, and one of them speaking the API's older versions. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { command, type Outcome } from "../support/command.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { dockerClients, stopWithoutFaults } from "./clients.ts";

const clients = await dockerClients();
let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
});
after(() => stopWithoutFaults(engine));

type Cli = {
  (...args: string[]): Promise<Outcome>;
  ok(...args: string[]): Promise<string>;
};

function cliOf(path: string, apiVersion?: string): Cli {
  const env = () => ({
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: `${engine.directory}/docker-config`,
    ...(apiVersion !== undefined && { DOCKER_API_VERSION: apiVersion }),
  });
  const run = (...args: string[]) => command(path, args, { env: env() });
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, `${path} ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout.trim();
  };
  return Object.assign(run, { ok });
}

for (const { path, version } of clients) {
  test(`docker ${version}: it agrees on a version, and shows the engine`, async () => {
    const docker = cliOf(path);
    const shown = await docker.ok("version", "--format", "{{.Client.APIVersion}} {{.Server.APIVersion}}");
    assert.match(shown, version.startsWith("20.10") ? /^1\.41 1\.51$/ : /^1\.\d\d 1\.51$/);
    const info = await docker("info");
    assert.equal(info.code, 0, info.stderr);
    assert.match(info.stdout, /Cgroup Driver: cgroupfs/);
    assert.doesNotMatch(info.stdout, /ERROR:/);
  });

  test(`docker ${version}: a container's life`, async () => {
    const docker = cliOf(path);
    const { code, stdout, stderr } = await docker("run", "--rm", "busybox", "sh", "-c", "echo o; echo e >&2; exit 7");
    assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: "o\n", stderr: "e\n" });
    assert.equal((await docker("run", "--rm", "busybox", "nosuch")).code, 127);

    const watched = await watchEvents(path, "container=life", async () => {
      const id = await docker.ok(
        "run",
        "-d",
        "--name",
        "life",
        "-p",
        "127.0.0.1::80",
        "-m",
        "64m",
        "busybox",
        "httpd",
        "-f",
      );
      assert.match(id, /^[0-9a-f]{64}$/);
      assert.match(await docker.ok("ps"), /busybox +"httpd -f" .* Up .* 127\.0\.0\.1:\d+->80\/tcp +life/);
      assert.match(await docker.ok("port", "life", "80"), /^127\.0\.0\.1:\d+$/);
      const [inspected] = JSON.parse(await docker.ok("inspect", "life"));
      assert.deepEqual([inspected.State.Status, inspected.HostConfig.Memory], ["running", 64 << 20]);
      assert.equal(await docker.ok("exec", "-e", "A=b", "-w", "/tmp", "life", "sh", "-c", "echo $A $(pwd)"), "b /tmp");
      assert.equal((await docker("exec", "life", "sh", "-c", "exit 4")).code, 4);
      assert.match(await docker.ok("top", "life"), /httpd -f/);
      const stats = JSON.parse(await docker.ok("stats", "--no-stream", "--format", "{{json .}}", "life"));
      assert.match(stats.MemUsage, /\/ 64MiB$/);
      assert.match(stats.CPUPerc, /^[\d.]+%$/);
      await docker.ok("pause", "life");
      assert.match(await docker.ok("ps", "--filter", "name=life", "--format", "{{.Status}}"), /\(Paused\)$/);
      await docker.ok("unpause", "life");
      await docker.ok("update", "--cpus", "0.5", "life");
      await docker.ok("rename", "life", "life2");
      await docker.ok("restart", "-t", "0", "life2");
      await docker.ok("kill", "life2");
      assert.equal(await docker.ok("wait", "life2"), "137");
      assert.match(await docker.ok("ps", "-a", "--format", "{{.Status}}"), /^Exited \(137\)/);
      await docker.ok("rm", "life2");
    });
    for (const action of [
      "create",
      "start",
      "exec_create: sh",
      "pause",
      "unpause",
      "update",
      "rename",
      "restart",
      "kill",
      "die",
      "destroy",
    ]) {
      assert.ok(
        watched.some((line) => line.startsWith(action)),
        `${action} in ${watched.join(", ")}`,
      );
    }
  });

  test(`docker ${version}: networks, volumes, images, logs`, async () => {
    const docker = cliOf(path);
    await docker.ok("network", "create", "--subnet", "10.215.3.0/24", "both");
    await docker.ok("volume", "create", "--label", "a=b", "kept");
    await docker.ok(
      "run",
      "-d",
      "--name",
      "srv",
      "--network",
      "both",
      "--network-alias",
      "web",
      "-v",
      "kept:/d",
      "busybox",
      "sh",
      "-c",
      "echo up; echo page > /d/f; httpd -f -h /d",
    );
    assert.equal(
      await docker.ok(
        "run",
        "--rm",
        "--network",
        "both",
        "--mount",
        "type=volume,source=kept,target=/d",
        "busybox",
        "sh",
        "-c",
        "until wget -q -O - http://web/f; do sleep 0.1; done; cat /d/f",
      ),
      "page\npage",
    );
    assert.equal(await docker.ok("logs", "srv"), "up");
    assert.match((await docker("network", "rm", "both")).stderr, /has active endpoints/);
    assert.match((await docker("volume", "rm", "kept")).stderr, /volume is in use/);
    await docker.ok("rm", "-f", "srv");
    await docker.ok("network", "rm", "both");
    await docker.ok("volume", "rm", "kept");
    await docker.ok("tag", "busybox", "other:v1");
    assert.match(await docker.ok("images"), /other +v1/);
    assert.match(await docker.ok("history", "-q", "other:v1"), /^sha256:|^[0-9a-f]{12}|<missing>/);
    await docker.ok("rmi", "other:v1");
    await docker.ok("system", "df");
  });
}

/** What `docker events` tells while `work` goes on. */
async function watchEvents(path: string, filter: string, work: () => Promise<void>): Promise<string[]> {
  const started = Date.now() / 1000;
  await work();
  const args = ["events", "--since", String(started), "--until", String(Date.now() / 1000 + 0.1), "--filter", filter];
  const child = spawn(path, [...args, "--format", "{{.Action}}"], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (await text(child.stdout)).trim().split("\n");
}

const newest = clients.at(-1);
for (const version of ["1.24", "1.30", "1.40", "1.41", "1.44"]) {
  test(`API ${version}: run, ps, inspect and the streams`, {
    skip: newest ? false : "the docker CLI is not installed",
  }, async () => {
    const docker = cliOf(newest?.path ?? "", version);
    const name = `api${version.slice(2)}`;
    assert.equal(await docker.ok("run", "--rm", "-v", "/tmp", "busybox", "echo", "hi"), "hi");
    await docker.ok("run", "-d", "--name", name, "--label", `of=${name}`, "busybox", "sh", "-c", "echo up; sleep 600");
    assert.equal(
      await docker.ok("ps", "--filter", `label=of=${name}`, "--format", "{{.Names}} {{.Image}}"),
      `${name} busybox`,
    );
    const [inspected] = JSON.parse(await docker.ok("inspect", name));
    assert.deepEqual([inspected.Name, inspected.State.Running, inspected.Config.Image], [`/${name}`, true, "busybox"]);
    assert.match(inspected.NetworkSettings.Networks.bridge.IPAddress, /^\d+\.\d+\.\d+\.\d+$/);
    const [image] = JSON.parse(await docker.ok("image", "inspect", "busybox"));
    assert.deepEqual(image.RepoTags, ["busybox:latest"]);
    assert.equal("ContainerConfig" in image, Number(version.slice(2)) < 45);
    assert.equal(await docker.ok("exec", name, "echo", "in"), "in");
    assert.equal(await docker.ok("logs", name), "up");
    assert.match(await docker.ok("top", name), /sleep 600/);
    assert.match(await docker.ok("stats", "--no-stream", name), new RegExp(name));
    assert.match(await docker.ok("network", "inspect", "bridge"), /"Driver": "bridge"/);
    await docker.ok("info");
    await docker.ok("rm", "-f", name);
  });
}
