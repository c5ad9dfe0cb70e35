/**
 * What editors do for dev containers: the docker CLI only, a container that is found again by labels and known to be up by its
 * `start` event, and one shell in it that is kept and fed with commands through `exec -i`.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { stopWithoutFaults } from "./clients.ts";

let engine: TestEngine;
let workspace: string;
const running: ChildProcess[] = [];
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  workspace = join(engine.directory, "workspace");
  mkdirSync(workspace);
});
after(async () => {
  for (const child of running) child.kill("SIGKILL");
  await stopWithoutFaults(engine);
});

/** A CLI that goes on; what it has said so far, and its stdin. */
function start(...args: string[]) {
  const child = spawn("docker", args, { env: { ...process.env, DOCKER_HOST: engine.host } });
  running.push(child);
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  child.stderr.on("data", (data) => (said += data));
  child.stdin.on("error", () => {});
  return { child, said: () => said };
}

const ended = (child: ChildProcess) =>
  until(() => child.exitCode !== null || child.signalCode !== null, { what: "the CLI ends" });

/** The shell that is kept: each command's output comes between two marks, with its exit code. */
function shellServer(id: string, user: string) {
  const shell = start("exec", "-i", "-u", user, id, "/bin/sh");
  let count = 0;
  return {
    async run(line: string): Promise<{ code: number; output: string }> {
      const mark = `mark-${count++}`;
      shell.child.stdin.write(`echo -n ${mark}; ( ${line} ); echo -n ${mark}$?${mark}\n`);
      const pattern = new RegExp(`${mark}([^]*)${mark}(\\d+)${mark}`);
      await until(() => pattern.test(shell.said()), { what: () => `${line} is through: ${shell.said()}` });
      const [, output = "", code] = pattern.exec(shell.said()) ?? [];
      return { code: Number(code), output };
    },
    async end() {
      shell.child.stdin.end();
      await ended(shell.child);
      return shell.child.exitCode;
    },
  };
}

const LABEL = "devcontainer.local_folder=/home/somebody/project";
const METADATA = JSON.stringify([{ id: "feature", remoteUser: "dev" }, { "some key": 'with "quotes"' }]);
const KEEP = `echo Container started
trap "exit 0" 15
exec "$@"
while sleep 1 & wait $!; do :; done`;

test("an image of the workspace's Dockerfile is built on one that has metadata, and the user's id is made the host's", async () => {
  assert.match(await engine.ok("version", "--format", "{{.Server.APIVersion}}"), /^1\.\d+$/);
  assert.match(await engine.ok("inspect", "--type", "image", "busybox"), /^\[\s*\{\s*"Id"/);
  const missing = await engine.docker("inspect", "--type", "image", "vsc-project");
  assert.deepEqual([missing.code, /No such image: vsc-project/.test(missing.stderr)], [1, true]);
  const context = join(engine.directory, "context");
  mkdirSync(context);
  const dockerfile = (name: string, text: string) => {
    writeFileSync(join(context, name), text);
    return join(context, name);
  };
  const base = dockerfile(
    "Dockerfile",
    "ARG VARIANT=none\nFROM busybox AS dev_container_auto_added_stage_label\nRUN echo dev:x:1234:1234::/home/dev:/bin/sh >>/etc/passwd && mkdir -p /home/dev && chown 1234:1234 /home/dev\n",
  );
  const features = dockerfile(
    "Dockerfile-with-features",
    `ARG _DEV_CONTAINERS_BASE_IMAGE=placeholder\n${readFileSync(base, "utf8")}FROM $_DEV_CONTAINERS_BASE_IMAGE AS dev_containers_target_stage\nUSER root\nRUN mkdir -p /tmp/dev-container-features\nLABEL devcontainer.metadata='${METADATA.replaceAll("'", "'\\''")}'\nUSER dev\n`,
  );
  await engine.ok(
    ...["build", "-f", features, "-t", "vsc-project", "--target", "dev_containers_target_stage"],
    ...["--build-arg", "BUILDKIT_INLINE_CACHE=1", "--build-arg", "VARIANT=1"],
    ...["--build-arg", "_DEV_CONTAINERS_BASE_IMAGE=dev_container_auto_added_stage_label", context],
  );
  const uid = dockerfile(
    "updateUID.Dockerfile",
    'ARG BASE_IMAGE\nFROM $BASE_IMAGE\nUSER root\nARG REMOTE_USER\nARG NEW_UID\nARG NEW_GID\nARG IMAGE_USER\nRUN sed -i -e "s/^$REMOTE_USER:x:[0-9]*:[0-9]*/$REMOTE_USER:x:$NEW_UID:$NEW_GID/" /etc/passwd && chown -R $NEW_UID:$NEW_GID /home/dev\nUSER $IMAGE_USER\n',
  );
  const values = { BASE_IMAGE: "vsc-project", REMOTE_USER: "dev", NEW_UID: "1000", NEW_GID: "1000", IMAGE_USER: "dev" };
  const words = Object.entries(values).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  await engine.ok("build", "-f", uid, "-t", "vsc-project-uid", ...words, context);
  const [image] = JSON.parse(await engine.ok("inspect", "--type", "image", "vsc-project-uid"));
  assert.equal(image.Config.User, "dev");
  assert.equal(image.Config.Labels["devcontainer.metadata"], METADATA);
});

test("a container comes up while its CLI stays attached, is told by its event, found by its label", async () => {
  const find = () => engine.ok("ps", "-q", "-a", "--filter", `label=${LABEL}`);
  assert.equal(await find(), "");
  const events = start("events", "--format", "{{json .}}", "--filter", "event=start");
  const run = start(
    ...["run", "--sig-proxy=false", "-a", "STDOUT", "-a", "STDERR"],
    ...["--mount", `type=bind,source=${workspace},target=/workspaces/project,consistency=cached`],
    ...["--mount", "type=volume,src=vscode,dst=/vscode", "-l", LABEL, "-l", `devcontainer.metadata=${METADATA}`],
    ...["-e", "GREETING=hello there", "--cap-add=SYS_PTRACE", "--security-opt", "seccomp=unconfined", "--init"],
    ...["--entrypoint", "/bin/sh", "vsc-project-uid", "-c", KEEP, "-"],
  );
  await until(() => events.said().includes("\n"), { what: "the event comes" });
  await until(() => run.said().includes("Container started\n"), { what: () => `it says so: ${run.said()}` });
  const event = JSON.parse(events.said().split("\n")[0] ?? "");
  const id = await find();
  assert.equal(event.id.slice(0, 12), id);
  assert.equal(event.Actor.Attributes["devcontainer.local_folder"], "/home/somebody/project");
  // The editor goes, and its CLI with it; the container does not.
  run.child.kill("SIGKILL");
  await ended(run.child);
  const [container] = JSON.parse(await engine.ok("inspect", "--type", "container", id));
  assert.equal(container.State.Status, "running");
  assert.equal(container.Config.Labels["devcontainer.metadata"], METADATA);
  assert.deepEqual(
    container.Mounts.map(({ Type, Destination }: { Type: string; Destination: string }) => [Type, Destination]).sort(),
    [
      ["bind", "/workspaces/project"],
      ["volume", "/vscode"],
    ],
  );
  assert.deepEqual(container.HostConfig.CapAdd, ["CAP_SYS_PTRACE"]);
});

test("a shell is kept in it, one as root and one as its user, and what they do is the host's workspace", async () => {
  const id = await engine.ok("ps", "-q", "--filter", `label=${LABEL}`);
  const root = shellServer(id, "root");
  const user = shellServer(id, "dev");
  assert.deepEqual(await root.run("id -u"), { code: 0, output: "0\n" });
  assert.deepEqual(await user.run("id -u; echo $GREETING"), { code: 0, output: "1000\nhello there\n" });
  assert.deepEqual(await user.run("exit 3"), { code: 3, output: "" });
  assert.equal((await root.run("chown 1000:1000 /workspaces/project")).code, 0);
  // A server's files go in by the shell's stdin, as an archive; many lines come back.
  await user.run("cd /workspaces/project && seq 20000 >numbers");
  assert.equal((await user.run("cat /workspaces/project/numbers")).output.split("\n").length, 20_001);
  assert.equal(statSync(join(workspace, "numbers")).uid, 1000);
  const terminal = await engine.ok(
    "exec",
    "-u",
    "dev",
    "-w",
    "/workspaces/project",
    "-e",
    "X=1",
    id,
    "sh",
    "-c",
    "pwd; echo $X",
  );
  assert.equal(terminal, "/workspaces/project\n1");
  assert.deepEqual([await root.end(), await user.end()], [0, 0]);
});

test("it is stopped by its trap and started again with what it was; removals at the same time agree", async () => {
  const id = await engine.ok("ps", "-q", "--filter", `label=${LABEL}`);
  await engine.ok("exec", id, "sh", "-c", "echo kept >/vscode/kept; echo own >/home/dev/own");
  await engine.ok("stop", id);
  assert.equal(await engine.ok("inspect", "--format", "{{.State.ExitCode}}", id), "0");
  await engine.ok("start", id);
  assert.equal(await engine.ok("exec", id, "cat", "/home/dev/own"), "own");
  const removals = await Promise.all([1, 2, 3].map(() => engine.docker("rm", "-f", id)));
  for (const { code, stderr } of removals)
    assert.ok(code === 0 || /already in progress|No such container/.test(stderr), stderr);
  assert.ok(removals.some(({ code }) => code === 0));
  assert.equal(await engine.ok("ps", "-q", "-a", "--filter", `label=${LABEL}`), "");
  assert.equal(await engine.ok("volume", "ls", "-q", "--filter", "name=vscode"), "vscode");
});
