/** What the command line says to somebody who is new: the cause, and the cure. No engine is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "../support/command.ts";
import { projectRoot } from "../support/engine.ts";

/** With no engine's address, in a mount namespace where nobody listens at the default one. */
const cloche = (...words: string[]) =>
  command(
    "unshare",
    [
      "--mount",
      "sh",
      "-c",
      'mkdir -p /run/cloche && mount -t tmpfs none /run/cloche && exec "$@"',
      "sh",
      `${projectRoot}/cloche`,
      ...words,
    ],
    { env: { DOCKER_HOST: "", CLOCHE_HOST: "" } },
  );

test("who gave no address is told how to start an engine; who gave one gets docker's words", async () => {
  const { code, stderr } = await cloche("ps");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Cannot connect to the Docker daemon at unix:\/\/\/run\/cloche\/cloche\.sock\. Is the docker daemon running\?\n/,
  );
  assert.match(stderr, /Start the engine with 'sudo cloche engine', or say where another one listens with -H/);
  assert.equal(
    (await cloche("-H", "unix:///nowhere.sock", "ps")).stderr,
    "Cannot connect to the Docker daemon at unix:///nowhere.sock. Is the docker daemon running?\n",
  );
});

test("a word that every object of JavaScript knows is no command", async () => {
  assert.match((await cloche("container", "constructor")).stderr, /unknown command: cloche container constructor\n/);
});

test("docker's commands that are not here are refused with what does the same", async () => {
  for (const [word, reason] of [
    ["compose", /unknown command: cloche compose: use docker compose or docker-compose, with DOCKER_HOST set/],
    ["context", /cloche context: name the engine with -H/],
    ["swarm", /cloche swarm: the engine makes no swarm/],
    ["foo", /unknown command: cloche foo\n/],
    ["constructor", /unknown command: cloche constructor\n/],
  ] as const) {
    const { code, stderr } = await cloche(word, "ls");
    assert.equal(code, 1, word);
    assert.match(stderr, reason);
  }
});
