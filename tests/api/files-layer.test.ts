/** docker diff, export and commit on a private engine. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { archivePath, call, shell, sleeper, untar } from "./files-scene.ts";

let engine: TestEngine;
let id: string;

const SCRIPT = `rm /bin/vi; rm -r /home; mkdir /home; touch /home/n; chmod 700 /root; echo q >>/etc/passwd; mkfifo /ff; mkdir /new;
  echo a >/new/a; ln /new/a /new/twin; ln -s a /new/link; mv /usr/bin /usr/binx; chown 7:8 /tmp; mkdir /vol/inside; echo h >/etc/hosts`;

before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  id = await sleeper(
    engine,
    "-v",
    "layer-volume:/vol",
    "--tmpfs",
    "/scratch",
    "-e",
    "OWN=1",
    "--label",
    "l=1",
    "--name",
    "layered",
  );
  await shell(engine, id, SCRIPT);
});
after(() => engine.stop());

test("diff tells what docker tells: the engine's own mounts are no change", async () => {
  const expected = [
    ...["C /bin", "D /bin/vi", "C /etc", "C /etc/passwd", "A /ff", "C /home", "A /home/n"],
    ...["A /new", "A /new/a", "A /new/link", "A /new/twin", "C /root", "A /scratch", "C /tmp", "C /usr"],
    ...["D /usr/bin", "A /usr/binx", "A /vol"],
  ];
  assert.deepEqual((await engine.ok("diff", id)).split("\n"), expected);
  assert.deepEqual((await engine.cloche("diff", id)).stdout.trim().split("\n"), expected);
  const fresh = await engine.ok("create", "--network", "none", "busybox", "true");
  assert.equal((await call(engine, "GET", `/containers/${fresh}/changes`)).body.toString().trim(), "null");
  await engine.ok("start", "-a", fresh);
  assert.equal(await engine.ok("diff", fresh), "");
  await engine.ok("rm", fresh);
});

test("export has the root, without what is mounted in it, running and stopped alike", async () => {
  const look = async () => {
    const { status, body } = await call(engine, "GET", `/containers/${id}/export`);
    assert.equal(status, 200);
    return untar(body);
  };
  const running = await look();
  assert.equal(running.get("new/link")?.link, "a");
  const [file, twin] = ["new/a", "new/twin"]
    .map((name) => running.get(name))
    .sort((a, b) => (a?.type === "file" ? -1 : b?.type === "file" ? 1 : 0));
  assert.deepEqual([file?.content, twin?.type, twin?.link], ["a\n", "hardlink", file?.name]);
  assert.ok(running.has("vol/") && !running.has("vol/inside/"));
  assert.ok(running.has("proc/") && ![...running.keys()].some((name) => /^(proc|sys|dev)\/./.test(name)));
  assert.equal(running.get("etc/hosts")?.content, "");
  assert.equal(running.has("bin/vi"), false);
  await engine.ok("stop", "-t", "0", id);
  const stopped = await look();
  assert.deepEqual([...stopped.keys()].sort(), [...running.keys()].sort());
  await engine.ok("start", id);
});

test("commit makes an image that has what the container had", async () => {
  const made = await engine.ok(
    "commit",
    "-a",
    "Me",
    "-m",
    "why",
    "-c",
    "ENV ADDED=2",
    "-c",
    'CMD ["cat","/new/a"]',
    id,
    "made:1",
  );
  const [image] = JSON.parse(await engine.ok("image", "inspect", "made:1"));
  assert.equal(image.Id, made);
  assert.equal(image.Author, "Me");
  assert.equal(image.Comment, "why");
  assert.deepEqual(image.Config.Labels, { l: "1" });
  assert.ok(image.Config.Env.includes("OWN=1") && image.Config.Env.includes("ADDED=2"));
  assert.equal(image.RootFS.Layers.length, 2);
  const history = await engine.ok("history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Comment}}", "made:1");
  assert.equal(history.split("\n")[0], "sleep 1000000|why");
  assert.equal(await engine.ok("run", "--rm", "--network", "none", "made:1"), "a");
  const seen = await engine
    .ok(
      ...["run", "--rm", "--network", "none", "made:1", "sh", "-c"],
      "ls /bin/vi /usr/bin /home /vol; stat -c '%a %u:%g %F' /root /tmp /ff; stat -c %h /new/twin; tail -n 1 /etc/passwd; cat /etc/hosts | grep -c h$",
    )
    .catch((error: Error) => error.message);
  assert.match(seen, /ls: \/bin\/vi: No such file/);
  assert.match(seen, /ls: \/usr\/bin: No such file/);
  assert.match(seen, /\/home:\nn\n/);
  assert.match(seen, /700 0:0 directory\n1777 7:8 directory\n644 0:0 fifo\n2\nq\n/);
  assert.equal(await engine.ok("ps", "--filter", "name=layered", "--format", "{{.State}}"), "running");
  const filter = ["--filter", "event=commit", "--format", "{{json .Actor.Attributes}}"];
  const told = () => engine.ok("events", "--since", "600s", "--until", "0s", ...filter);
  // --until counts in whole seconds.
  await until(async () => (await told()) !== "", { what: "the event is told" });
  const { imageID, imageRef, comment, name } = JSON.parse(await told());
  assert.deepEqual([imageID, imageRef, comment, name], [made, "made:1", "why", "layered"]);
  await engine.ok("rmi", "made:1");
});

test("a commit without changes adds no layer; one of a commit removes what the first had", async () => {
  const fresh = await engine.ok("create", "--network", "none", "busybox", "true");
  const plain = await engine.ok("commit", fresh);
  assert.equal(JSON.parse(await engine.ok("image", "inspect", plain))[0].RootFS.Layers.length, 1);
  await engine.ok("rm", fresh);
  const first = await engine.ok("commit", "-p=false", id);
  const second = await engine.ok(
    "run",
    "-d",
    "--network",
    "none",
    first,
    "sh",
    "-c",
    "rm -r /new; mkdir /new; echo b >/new/b",
  );
  await engine.ok("wait", second);
  assert.equal(await engine.ok("diff", second), "C /new\nD /new/a\nA /new/b\nD /new/link\nD /new/twin");
  const third = await engine.ok("commit", second, "third");
  assert.equal(await engine.ok("run", "--rm", "--network", "none", "third", "ls", "/new"), "b");
  await engine.ok("rm", second);
  await engine.ok("rmi", "third", plain);
  assert.match(third, /^sha256:[0-9a-f]{64}$/);
});

test("the body of a commit stands in for the container's configuration", async () => {
  const { status, body } = await call(engine, "POST", `/commit?container=${id}&repo=bodied&pause=0`, {
    Cmd: ["echo", "other"],
    WorkingDir: "/new",
  });
  assert.equal(status, 201);
  const [image] = JSON.parse(await engine.ok("image", "inspect", JSON.parse(body.toString()).Id));
  assert.deepEqual(
    [image.Config.Cmd, image.Config.WorkingDir, image.Config.Labels],
    [["echo", "other"], "/new", { l: "1" }],
  );
  await engine.ok("rmi", "bodied");
});

test("commits that cannot be are refused in docker's words, and leave nothing", async () => {
  const images = await engine.ok("images", "-aq");
  const commit = async (query: string) => {
    const { status, message } = await call(engine, "POST", `/commit?${query}`);
    return [status, message];
  };
  assert.deepEqual(await commit("container=nobody"), [404, "No such container: nobody"]);
  assert.deepEqual(await commit(""), [400, 'invalid name or ID supplied: ""']);
  assert.deepEqual(await commit(`container=${id}&repo=Upper`), [
    400,
    "invalid reference format: repository name must be lowercase",
  ]);
  assert.deepEqual(await commit(`container=${id}&changes=FOO%20bar`), [400, "foo is not a valid change command"]);
  assert.equal(await engine.ok("images", "-aq"), images);
});

test("a paused container stays paused; what it has can be copied", async () => {
  await engine.ok("pause", id);
  const made = await engine.ok("commit", id);
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", id), "paused");
  mkdirSync(join(engine.directory, "p"));
  writeFileSync(join(engine.directory, "p/f"), "x");
  await engine.ok("cp", join(engine.directory, "p"), `${id}:/p`);
  assert.equal((await call(engine, "HEAD", archivePath(id, "/p/f"))).status, 200);
  await engine.ok("unpause", id);
  await engine.ok("rmi", made);
});
