/** What every client of BuildKit's protocol gets: the same cases by the old CLI's own, by buildx and by compose. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { command, type Outcome } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { builderOf, scenes } from "./build-mounts-scenes.ts";

export type BuildkitClient = {
  /** before the names of the tests */
  name: string;
  engine: () => TestEngine;
  /** `docker build` and more words, what is told as plain text. @param signal ends it */
  build(args: string[], options?: { signal?: AbortSignal }): Promise<Outcome>;
};

/** A directory below the engine's own, with the files that are named. */
export function contextOf(engine: TestEngine, name: string, files: Record<string, string>): string {
  const directory = join(engine.directory, "contexts", name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  return directory;
}

export function buildkitCases({ name, engine, build }: BuildkitClient): void {
  for (const scene of scenes) {
    test(`${name}: ${scene.name}`, () => scene.play(engine(), builderOf(engine(), build)));
  }
  const context = (label: string, files: Record<string, string>) => contextOf(engine(), `${name}-${label}`, files);
  const built = async (...args: string[]) => {
    const outcome = await build(args);
    assert.equal(outcome.code, 0, `${args.join(" ")}: ${outcome.stderr}${outcome.stdout}\n${engine().log()}`);
    return outcome.stderr + outcome.stdout;
  };
  const cat = (image: string, ...paths: string[]) =>
    engine().ok("run", "--rm", "--network", "none", image, "cat", ...paths);
  const tag = `kit-${name.replace(/[^a-z0-9]/g, "")}`;

  test(`${name}: files, arguments, stages and names; the second time all is cached`, async () => {
    const directory = context("whole", {
      Dockerfile: `FROM busybox AS base\nARG V=none\nCOPY files /f\nRUN echo $V >/v; echo told; echo aside >&2 # ${tag}\nFROM base\nLABEL a=b\nENV E=$HOME\n`,
      "files/sub/a": "copied\n",
      "files/é ü": "named\n",
    });
    symlinkSync("sub/a", join(directory, "files/link"));
    const words = ["-t", `${tag}:1`, "-t", `${tag}:2`, "--build-arg", "V=given", "--label", "c=d", directory];
    const told = await built(...words);
    assert.match(told, /\[internal\] load build definition from Dockerfile/);
    assert.match(told, /\[base 2\/3\] COPY files \/f/);
    assert.match(told, / told\n/);
    assert.match(told, / aside\n/);
    assert.match(told, new RegExp(`naming to docker.io/library/${tag}:1`));
    assert.equal(await cat(`${tag}:2`, "/f/link", "/f/é ü", "/v"), "copied\nnamed\ngiven");
    assert.equal(
      await engine().ok("image", "inspect", "-f", "{{json .Config.Labels}}", `${tag}:1`),
      '{"a":"b","c":"d"}',
    );
    assert.equal((await built(...words)).match(/ CACHED$/gm)?.length, 2);
    writeFileSync(join(directory, "files/sub/a"), `changed by ${tag}\n`);
    assert.doesNotMatch(await built(...words), / CACHED$/m);
    assert.equal(await cat(`${tag}:2`, "/f/sub/a"), `changed by ${tag}`);
  });

  test(`${name}: what only BuildKit's Dockerfiles have`, async () => {
    const directory = context("dialect", {
      Dockerfile: `# syntax=docker/dockerfile:1
FROM busybox AS unneeded
RUN exit 1 # ${tag}
FROM --platform=$BUILDPLATFORM busybox AS made
ARG TARGETARCH
RUN <<EOF
set -e
echo "of $TARGETARCH" >/arch
cat >/lines <<INNER
one
# two
INNER
EOF
FROM busybox
ENV NAME=put-in
COPY <<EOF <<"RAW" /d/
$NAME
EOF
$NAME
RAW
COPY --from=made --chmod=0600 --link /arch /lines /
COPY --exclude=*.o sub /sub
`,
      ...{ "sub/a.o": "1", "sub/b": "2" },
    });
    await built("-t", tag, directory);
    const script = "cat /arch /lines /d/EOF /d/RAW; stat -c %a /arch; ls /sub";
    assert.equal(
      await engine().ok("run", "--rm", "--network", "none", tag, "sh", "-c", script),
      `of ${process.arch === "arm64" ? "arm64" : "amd64"}\none\n# two\nput-in\n$NAME\n600\nb`,
    );
  });

  test(`${name}: what is ignored does not come; a Dockerfile may have a list of its own`, async () => {
    const directory = context("ignored", {
      Dockerfile: "FROM busybox\nCOPY . /all\n",
      "Other.file": "FROM busybox\nCOPY . /all\n",
      "Other.file.dockerignore": "# all but one\n*\n!keep\n",
      ".dockerignore": "/secret\nsub/*.o\n!sub/b.o\n",
      ...{ secret: "x", keep: "k", "sub/a.o": "1", "sub/b.o": "2", "sub/c": "3" },
    });
    const list = (image: string) =>
      engine().ok("run", "--rm", "--network", "none", image, "sh", "-c", "cd /all && find . -type f | sort");
    await built("-t", tag, directory);
    assert.equal(
      await list(tag),
      [
        "./.dockerignore",
        "./Dockerfile",
        "./Other.file",
        "./Other.file.dockerignore",
        "./keep",
        "./sub/b.o",
        "./sub/c",
      ].join("\n"),
    );
    await built("-t", tag, "-f", join(directory, "Other.file"), directory);
    assert.equal(await list(tag), "./keep");
  });

  test(`${name}: a step that fails is told with its output, its words and its status`, async () => {
    const directory = context("failing", { Dockerfile: "FROM busybox\nRUN echo before; exit 3\nRUN echo never\n" });
    const { code, stdout, stderr } = await build([directory]);
    assert.notEqual(code, 0);
    assert.match(stderr + stdout, / before\n/);
    assert.match(
      stderr + stdout,
      /process "\/bin\/sh -c echo before; exit 3" did not complete successfully: exit code: 3/,
    );
    assert.doesNotMatch(stderr + stdout, /never$/m);
    assert.equal(await engine().ok("ps", "-aq"), "");
  });

  test(`${name}: what is wrong in the Dockerfile, or missing, is told`, async () => {
    const wrong: [Record<string, string>, string[], RegExp][] = [
      [{ Dockerfile: "FROM busybox\nNOSUCH x\n" }, [], /line 2: unknown instruction: NOSUCH/],
      [{ Dockerfile: "FROM busybox\nCOPY nosuch /\n" }, [], /nosuch/],
      [{ Dockerfile: "FROM busybox\n" }, ["--target", "nosuch"], /nosuch/],
      [{ Dockerfile: "FROM nosuch:1\n" }, [], /nosuch|registry/],
      [{ "other/Dockerfile": "FROM busybox\n" }, [], /Dockerfile/],
    ];
    for (const [index, [files, args, expected]] of wrong.entries()) {
      const { code, stdout, stderr } = await build([...args, context(`wrong${index}`, files)]);
      assert.notEqual(code, 0, `${index}`);
      assert.match(stderr + stdout, expected, `${index}`);
    }
  });

  test(`${name}: only the image's id, and into a file`, async () => {
    const directory = context("quiet", { Dockerfile: "FROM busybox\nLABEL q=1\n" });
    const idFile = join(engine().directory, `${name}.iid`);
    const { code, stdout, stderr } = await build(["-q", "--iidfile", idFile, "-t", tag, directory]);
    assert.equal(code, 0, stderr);
    const id = await engine().ok("image", "inspect", "-f", "{{.Id}}", tag);
    assert.equal(stdout.trim(), id);
    assert.equal(readFileSync(idFile, "utf8").trim(), id);
  });

  test(`${name}: files of the image instead of it, in a directory and in an archive`, async () => {
    const directory = context("output", {
      Dockerfile:
        "FROM busybox AS made\nRUN mkdir -p /out/sub && echo one >/out/one && echo two >/out/sub/two && chmod 750 /out/one && ln -s one /out/link\nFROM scratch\nCOPY --from=made /out /\n",
    });
    const out = join(engine().directory, `${name}-out`);
    await built("--output", out, directory);
    assert.deepEqual(readdirSync(out).sort(), ["link", "one", "sub"]);
    assert.equal(readFileSync(join(out, "link"), "utf8"), "one\n");
    assert.equal(readFileSync(join(out, "sub/two"), "utf8"), "two\n");
    assert.equal(statSync(join(out, "one")).mode & 0o777, 0o750);
    assert.ok(Date.now() - statSync(join(out, "one")).mtimeMs < 600_000, "its time is kept");
    await built("--output", `type=tar,dest=${out}.tar`, directory);
    const tar = readFileSync(`${out}.tar`).toString("latin1");
    assert.ok(tar.includes("sub/two") && tar.includes("two\n"));
    assert.equal(await engine().ok("ps", "-aq"), "");
  });

  test(`${name}: a client that goes ends its build, and its container with it`, async () => {
    const directory = context("cancelled", { Dockerfile: "FROM busybox\nRUN echo begun; sleep 600\n" });
    const end = new AbortController();
    const outcome = build([directory], { signal: end.signal });
    await until(async () => (await engine().ok("ps", "-q")) !== "", { what: "the step's container runs" });
    end.abort();
    assert.notEqual((await outcome).code, 0);
    await until(async () => (await engine().ok("ps", "-aq")) === "", { what: "the container is gone" });
  });

  test(`${name}: a step that tells more than a terminal wants to see does not end the build`, async () => {
    const directory = context("much", {
      Dockerfile: "FROM busybox\nRUN yes 0123456789 | head -c 12000000 && echo the end\n",
    });
    assert.match(await built("--no-cache", directory), / the end$/m);
  });

  test(`${name}: a large context comes whole`, async () => {
    const directory = context("large", { Dockerfile: "FROM busybox\nCOPY . /all\n" });
    for (let n = 0; n < 300; n++) writeFileSync(join(directory, `small${n}`), `${n}\n`.repeat(n));
    for (const letter of ["a", "b", "c"]) writeFileSync(join(directory, `big-${letter}`), letter.repeat(12_000_000));
    await built("-t", tag, directory);
    assert.equal(
      await engine().ok(
        "run",
        "--rm",
        "--network",
        "none",
        tag,
        "sh",
        "-c",
        "cd /all && ls | wc -l && cat small* big* | md5sum",
      ),
      `304\n${await md5Of(directory)}`,
    );
  });
}

/** As the container's: files in the shell's order. */
async function md5Of(directory: string): Promise<string> {
  const { stdout } = await command("sh", ["-c", "cat small* big* | md5sum"], { cwd: directory, env: { LC_ALL: "C" } });
  return stdout.trim();
}
