/** build's requests are docker's, and its contexts hold what docker's hold. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { buildContext } from "../../src/cli/run/build-context.ts";
import { untar } from "../api/files-scene.ts";
import { tarOf } from "../support/tar.ts";
import { cloche, docker, dockerCli } from "./clients.ts";
import { type Recorded, startRecorder } from "./recorder.ts";

const cli = dockerCli();
const skip = "missing" in cli ? cli.missing : false;
let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "client-build-test-"));
  mkdirSync(join(folder, "context/node_modules/x"), { recursive: true });
  mkdirSync(join(folder, "context/docs"));
  const files: Record<string, string> = {
    "context/Dockerfile": "FROM busybox\n",
    "context/.dockerignore": "node_modules\n*.log\n!keep.log\nDockerfile\n.dockerignore\ndocs\n!docs/README\n",
    "context/node_modules/x/y": "",
    "context/a.log": "",
    "context/keep.log": "",
    "context/docs/README": "",
    "context/docs/other": "",
    "context/-dash": "",
    "context/two words\nand lines": "",
    "outside.Dockerfile": "FROM scratch\n",
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  symlinkSync("/etc", join(folder, "context/link"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const LINES = `
-t a -t b:1 context
--build-arg A=1 --build-arg NOPE --build-arg HOME --label k=v --label x context
-f outside.Dockerfile context
--no-cache --pull --rm=false --force-rm -q --target x --network host --platform LINUX/arm64 context
-m 64m --memory-swap -1 -c 5 --cpu-period 1000 --cpu-quota 2000 --cpuset-cpus 0 --cpuset-mems 0 --shm-size 1m context
--ulimit nofile=1:2 --add-host a:1.2.3.4 --add-host b:::1 --cache-from a,b --cgroup-parent /x --security-opt y context
-t UPPER context
nosuch
-f nosuch context
`;

describe("requests are docker's", { skip }, () => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  before(async () => {
    recorder = await startRecorder();
  });
  after(() => recorder?.stop());

  /** The name of a Dockerfile from outside is invented; so is what it says to what the recorder answers. */
  const asked = (requests: Recorded[]) =>
    requests.map(({ method, url }) => {
      const { pathname, searchParams } = new URL(url.replace(/\.dockerfile\.\w+/, ".dockerfile.X"), "http://engine");
      const query = [...searchParams].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      return [method, pathname, query.map(([name, value]) => [name, /^[[{]/.test(value) ? JSON.parse(value) : value])];
    });

  for (const line of LINES.split("\n").slice(1, -1))
    test(line, async () => {
      const options = { cwd: folder, env: { DOCKER_CONFIG: folder, DOCKER_BUILDKIT: "0" } };
      const theirs = await docker(recorder.host, ["build", ...line.split(" ")], options);
      const theirRequests = asked(recorder.take());
      const ours = await cloche(recorder.host, ["build", ...line.split(" ")], options);
      assert.deepEqual(asked(recorder.take()), theirRequests);
      assert.equal(ours.status, theirs.status, ours.stderr);
      if (theirs.status !== 0) assert.equal(ours.stderr, theirs.stderr);
    });
});

async function namesOf(path: string, file: string, input: Readable = Readable.from([])) {
  const context = await buildContext(path, file, input);
  const entries = await untar(await buffer(context.stream));
  return { dockerfile: context.dockerfile, entries, names: [...entries.keys()].sort() };
}

test("what .dockerignore names is not sent, but for what the engine itself needs", async () => {
  const { names, entries } = await namesOf(join(folder, "context"), "");
  assert.deepEqual(names, [
    ...["-dash", ".dockerignore", "Dockerfile", "docs/README", "keep.log", "link", "two words\nand lines"],
  ]);
  assert.deepEqual([entries.get("link")?.type, entries.get("Dockerfile")?.uid], ["symlink", 0]);
});

test("a Dockerfile from elsewhere or from stdin is sent under a name of its own", async () => {
  const elsewhere = await namesOf(join(folder, "context"), join(folder, "outside.Dockerfile"));
  const piped = await namesOf(join(folder, "context"), "-", Readable.from([Buffer.from("FROM x\n")]));
  for (const [{ dockerfile, entries }, content] of [
    [elsewhere, "FROM scratch\n"],
    [piped, "FROM x\n"],
  ] as const) {
    assert.match(dockerfile, /^\.dockerfile\.\w+$/);
    assert.equal((entries.get(dockerfile) ?? entries.get(`./${dockerfile}`))?.content, content);
  }
});

test("stdin is an archive, or else a Dockerfile", async () => {
  const archive = tarOf([
    { name: "Dockerfile", content: "FROM y\n" },
    { name: "z", content: "" },
  ]);
  const pieces = Readable.from([archive.subarray(0, 100), archive.subarray(100)]);
  assert.deepEqual((await namesOf("-", "", pieces)).names, ["Dockerfile", "z"]);
  const text = await namesOf("-", "", Readable.from([Buffer.from("FROM q\n")]));
  assert.equal(text.entries.get("Dockerfile")?.content, "FROM q\n");
  await assert.rejects(namesOf("https://example.org/x.git", ""), /by URL is not supported/);
  await assert.rejects(namesOf("-", "-"), /can't use stdin for both/);
});
