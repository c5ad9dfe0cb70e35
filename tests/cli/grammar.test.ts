/** Help, and what is said of a command line that is wrong: the same as docker's, but for the name. No engine is asked. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { groups, topCommands } from "../../src/cli/tree.ts";
import { cloche, docker, dockerCli } from "./clients.ts";

const cli = dockerCli();
const skip = "missing" in cli ? cli.missing : false;
const NOWHERE = "unix:///nonexistent/engine.sock";

/** Where our help is shorter: swarm's cluster volumes are not here; `system check` is ours. */
const DIFFERENT = ["volume", "volume create", "system", "system check"];

const commands = [
  ...Object.entries(groups).flatMap(([group, { verbs }]) => [
    group,
    ...Object.keys(verbs).map((verb) => `${group} ${verb}`),
  ]),
  ...Object.keys(topCommands),
].filter((words) => !DIFFERENT.includes(words));

const WRONG = `
ps --foo
ps -n abc
ps -x
ps -qx
ps -n
ps extra
ps -f bad
foo
container foo
container rm
run
run --foo
run -p
run -m abc img
run --rm=foo x
run --detach-keys x
exec a
rename a
rename a b c
logs
logs a b
port
port a b c
tag a
inspect
attach a b
system foo
system df x
container prune x
network create
network create a b
network rm
network connect a
volume rm
image pull
image history
cp a
--foo
stop -t x a
stop --time
update a
ps --format
run --name= --rm
run -it
ps --all=maybe
`;

describe("the grammar is docker's", { skip, concurrency: 2 }, () => {
  for (const words of commands)
    test(`${words} --help`, async () => {
      const args = [...words.split(" "), "--help"];
      const [theirs, ours] = [await docker(NOWHERE, args), await cloche(NOWHERE, args)];
      const text = (stdout: string) =>
        stdout.replace("Manage the engine", "Manage Docker").replace(/\nGlass Commands:\n(?: .*\n)+/, "");
      assert.deepEqual({ ...ours, stdout: text(ours.stdout) }, theirs);
    });

  for (const line of WRONG.split("\n").slice(1, -1))
    test(`refuses ${line}`, async () => {
      const [theirs, ours] = [await docker(NOWHERE, line.split(" ")), await cloche(NOWHERE, line.split(" "))];
      assert.deepEqual(ours, theirs);
    });

  test("an engine that is not there is told, with status 1, and 125 for run", async () => {
    for (const args of [["ps"], ["run", "x"], ["info"], ["-H", "foo://x", "ps"], ["-H", "tcp://127.0.0.1:1", "ps"]]) {
      const [theirs, ours] = [await docker(NOWHERE, args), await cloche(NOWHERE, args)];
      assert.deepEqual([ours.status, ours.stderr], [theirs.status, theirs.stderr]);
    }
  });
});
