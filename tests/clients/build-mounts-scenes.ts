/** What RUN --mount, --network and --security do, whoever asks for the build: scenes for any client. */
import assert from "node:assert/strict";
import { globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Outcome } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

export type Asked = {
  /** of the context, beside the Dockerfile */
  files?: Record<string, string>;
  secrets?: Record<string, string>;
  tag?: string;
  noCache?: boolean;
  signal?: AbortSignal;
};
/** @property cached steps that were not carried out */
export type Answer = { ok: boolean; output: string; cached: number };
export type Builder = (dockerfile: string, asked?: Asked) => Promise<Answer>;
export type Scene = { name: string; play(engine: TestEngine, build: Builder): Promise<void> };

/** @param run `docker build` and more words, what is told as plain text. @param signal interrupts it */
export function builderOf(
  engine: TestEngine,
  run: (args: string[], options?: { signal?: AbortSignal }) => Promise<Outcome>,
): Builder {
  return async (dockerfile, { files = {}, secrets = {}, tag, noCache, signal } = {}) => {
    const directory = mkdtempSync(join(engine.directory, "build-"));
    const context = join(directory, "context");
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    };
    write(join(directory, "Dockerfile"), dockerfile);
    mkdirSync(context);
    for (const [path, text] of Object.entries(files)) write(join(context, path), text);
    const given = Object.entries(secrets).map(
      ([id, text], number) => `--secret=id=${id},src=${write(join(directory, `secret${number}`), text)}`,
    );
    const options = [...given, ...(tag === undefined ? [] : ["-t", tag]), ...(noCache ? ["--no-cache"] : [])];
    const { code, stdout, stderr } = await run(
      ["-f", join(directory, "Dockerfile"), ...options, context],
      signal && { signal },
    );
    const output = stderr + stdout;
    return { ok: code === 0, output, cached: output.match(/^#\d+ CACHED$/gm)?.length ?? 0 };
  };
}

const see = (engine: TestEngine, tag: string, script: string) =>
  engine.ok("run", "--rm", "--network", "none", tag, "sh", "-c", script);

async function succeeds(build: Builder, dockerfile: string, asked?: Asked): Promise<Answer> {
  const answer = await build(dockerfile, asked);
  assert.ok(answer.ok, answer.output);
  return answer;
}

async function fails(build: Builder, dockerfile: string, message: RegExp, asked?: Asked): Promise<void> {
  const { ok, output } = await build(dockerfile, asked);
  assert.equal(ok, false, output);
  assert.match(output, message);
}

/** Files of secrets that are on the host. */
const secretFiles = ({ execRoot }: TestEngine) => globSync(join(execRoot, "**/secret-*"));

export const scenes: Scene[] = [
  {
    name: "a bind shows the context, a part or a file of it, read-only unless asked for; what is written is gone",
    async play(engine, build) {
      const files = { a: "A", "d/b": "B", "d/e/c": "C" };
      await succeeds(
        build,
        `FROM busybox
WORKDIR /here
RUN --mount=type=bind,target=/src cat /src/a /src/d/b >/one && ! touch /src/new
RUN --mount=type=bind,source=d,target=sub cat /here/sub/e/c >/two
RUN --mount=type=bind,source=d/b,target=file cat file >/three && ! touch file
RUN --mount=type=bind,source=d,target=.,rw echo more >new && echo X >b && ls >/four
RUN --mount=type=bind,source=d,target=/d,rw cat /d/b >/five
`,
        { files, tag: "binds" },
      );
      const seen = await see(
        engine,
        "binds",
        "cat /one /two /three /four /five; echo; ls -A /here; ls -A /src /d 2>&1 || true",
      );
      assert.equal(seen.replace(/^ls: .*\n?/gm, "").trim(), "ABCBb\ne\nnew\nB");
    },
  },
  {
    name: "a step with a bind is another one when its source is, and only then",
    async play(_engine, build) {
      const dockerfile = "FROM busybox\nRUN --mount=type=bind,source=in,target=/in cat /in/a >/a\n";
      const first = { "in/a": "1", out: "1" };
      await succeeds(build, dockerfile, { files: first });
      assert.equal((await succeeds(build, dockerfile, { files: { ...first, out: "2" } })).cached, 1);
      assert.equal((await succeeds(build, dockerfile, { files: { ...first, "in/a": "2" } })).cached, 0);
      const staged = (text: string) =>
        `FROM busybox AS one\nRUN echo ${text} >/t\nFROM busybox\nRUN --mount=from=one,target=/one cat /one/t >/u\n`;
      await succeeds(build, staged("x"));
      assert.equal((await succeeds(build, staged("x"))).cached, 2);
      assert.equal((await succeeds(build, staged("y"))).cached, 0);
      const network = (option: string) => `FROM busybox\nRUN ${option} true >/n\n`;
      await succeeds(build, network(""));
      assert.equal((await succeeds(build, network("--network=none"))).cached, 0);
    },
  },
  {
    name: "a bind shows a stage or an image, with its owners and links inside it",
    async play(engine, build) {
      const base =
        "FROM busybox AS base\nRUN mkdir -p /d/e && echo 1 >/d/f && chown 7:8 /d/f && ln -s /d /link && ln -s f /d/g\n";
      await succeeds(
        build,
        `${base}FROM busybox
RUN --mount=from=base,source=/d,target=/one stat -c '%u:%g' /one/f >/seen && ! touch /one/new
RUN --mount=from=base,source=link,target=/two cat /two/f >>/seen
RUN --mount=from=base,source=/d/g,target=/three cat /three >>/seen && ! touch /three
RUN --mount=from=base,source=link,target=/four,rw cat /four/f >>/seen && echo 2 >/four/f && stat -c '%u:%g' /four/f >>/seen
RUN --mount=from=base,source=/d/f,target=/five,rw echo 3 >>/five && cat /five >>/seen
RUN --mount=from=base,source=/d,target=/six cat /six/f >>/seen
RUN --mount=from=busybox,target=/seven /seven/bin/echo 7 >>/seen
`,
        { tag: "staged" },
      );
      const seen = await see(
        engine,
        "staged",
        "cat /seen; ls -d /one /two /three /four /five /six /seven 2>/dev/null || true",
      );
      assert.equal(seen.trimEnd(), ["7:8", "1", "1", "1", "7:8", "1", "3", "1", "7"].join("\n"));
      await fails(
        build,
        `${base}FROM busybox\nRUN --mount=from=base,source=/none,target=/x true\n`,
        /"\/none": not found/,
      );
      await fails(build, "FROM busybox\nRUN --mount=source=none,target=/x true\n", /"\/none": not found/);
      await succeeds(build, "FROM scratch AS none\nFROM busybox\nRUN --mount=from=none,target=/x ls -A /x >/seen\n");
    },
  },
  {
    name: "of the places for mounts nothing is left, but what has come to hold something",
    async play(engine, build) {
      const secrets = { s: "s" };
      const mounts = ["bind,target=/n/a/b", "cache,target=/etc/n/c", "tmpfs,target=/tmp/t", "secret,id=s"];
      const options = mounts.map((mount) => `--mount=type=${mount}`).join(" ");
      await succeeds(build, `FROM busybox\nRUN ${options} cat /run/secrets/s\n`, { secrets, tag: "nothing" });
      const inspect = async (tag: string) =>
        JSON.parse(await engine.ok("image", "inspect", "-f", "{{json .RootFS.Layers}}", tag));
      assert.deepEqual(await inspect("nothing"), await inspect("busybox"));

      await succeeds(
        build,
        `FROM busybox AS linked
RUN mkdir /real /kept && ln -s real /way
FROM linked
RUN --mount=type=tmpfs,target=/way/x --mount=type=tmpfs,target=/kept --mount=type=tmpfs,target=/n/a/b touch /n/mine
`,
        { tag: "something" },
      );
      assert.equal(
        await see(engine, "something", "find /n /real /kept /run 2>/dev/null || true"),
        "/n\n/n/mine\n/real\n/kept",
      );
    },
  },
  {
    name: "a cache is there again, in no image, with owner and mode, and is a volume",
    async play(engine, build) {
      const fill = "FROM busybox\nRUN --mount=type=cache,target=/c,id=kept,uid=7,gid=8,mode=0770 ";
      const noCache = true;
      await succeeds(build, `${fill} echo 1 >>/c/n && stat -c '%u:%g %a' /c >/seen\n`, { tag: "filled", noCache });
      assert.equal(await see(engine, "filled", "cat /seen; ls -d /c 2>/dev/null || true"), "7:8 770");
      const again = "FROM busybox\nRUN --mount=type=cache,target=/other,id=kept cat /other/n >/seen\n";
      await succeeds(build, again, { tag: "again" });
      assert.equal(await see(engine, "again", "cat /seen"), "1");
      // The cache's content makes no other step.
      await succeeds(build, `${fill} echo 2 >>/c/n\n`, { noCache });
      assert.equal((await succeeds(build, again)).cached, 1);
      await succeeds(build, "FROM busybox\nRUN --mount=type=cache,target=/c ls -A /c >/seen\n", { tag: "apart" });
      assert.equal(await see(engine, "apart", "cat /seen"), "");
      const named = await engine.ok("volume", "ls", "-q", "--filter", "label=cloche.build.cache=kept");
      assert.match(named, /^build-cache-[0-9a-f]{32}$/);
      await fails(build, "FROM busybox\nRUN --mount=type=cache,target=/kept,id=kept,ro touch /kept/x\n", /Read-only/);
    },
  },
  {
    name: "caches go by builder prune, when no step has them",
    async play(engine, build) {
      await succeeds(build, "FROM busybox\nRUN --mount=type=cache,id=pruned,target=/c echo much >/c/a\n", {
        noCache: true,
      });
      const volumes = () => engine.ok("volume", "ls", "-q", "--filter", "label=cloche.build.cache=pruned");
      assert.match(await volumes(), /^build-cache-[0-9a-f]{32}$/);
      await engine.ok("volume", "create", "--label", "cloche.build.cache=forged", "somebodys");
      const end = new AbortController();
      const running = build("FROM busybox\nRUN --mount=type=cache,id=held,target=/c sleep 600\n", {
        ...{ signal: end.signal, noCache: true },
      });
      await until(async () => (await engine.ok("ps", "-q")) !== "", { what: "a step has its cache" });
      await engine.ok("builder", "prune", "-f");
      assert.equal(await volumes(), "");
      assert.notEqual(await engine.ok("volume", "ls", "-q", "--filter", "label=cloche.build.cache=held"), "");
      assert.notEqual(await engine.ok("volume", "ls", "-q", "--filter", "name=somebodys"), "");
      end.abort();
      await running;
      await engine.ok("volume", "rm", "somebodys");
    },
  },
  {
    name: "one at a time has a locked cache",
    async play(engine, build) {
      const step = (name: string) =>
        `FROM busybox\nRUN --mount=type=cache,target=/c,id=turns,sharing=locked mkdir /c/held && echo ${name} >>/c/log && sleep 1 && rmdir /c/held\n`;
      await Promise.all(["a", "b", "c"].map((name) => succeeds(build, step(name))));
      const read = "FROM busybox\nRUN --mount=type=cache,target=/c,id=turns,sharing=private sort /c/log >/seen\n";
      await succeeds(build, read, { tag: "turns" });
      assert.equal(await see(engine, "turns", "cat /seen"), "a\nb\nc");
    },
  },
  {
    name: "a tmpfs has the size asked for and leaves nothing",
    async play(engine, build) {
      const step = "RUN --mount=type=tmpfs,target=/t,size=1m grep ' /t ' /proc/mounts >/seen && touch /t/file";
      await succeeds(build, `FROM busybox\n${step}\n`, { tag: "tmpfs" });
      assert.match(
        await see(engine, "tmpfs", "cat /seen; ls -A /t 2>/dev/null || true"),
        /^tmpfs \/t tmpfs .*size=1024k/,
      );
    },
  },
  {
    name: "a secret is seen by its step only, as a file or a variable",
    async play(engine, build) {
      const secrets = { key: "s3cr3t-of-a-file", "dir/other": "s3cr3t-of-another", word: "s3cr3t-of-a-variable" };
      await succeeds(
        build,
        `FROM busybox
RUN --mount=type=secret,id=key wc -c </run/secrets/key >/seen && stat -c '%u:%g %a' /run/secrets/key >>/seen && ! touch /run/secrets/key
RUN --mount=type=secret,id=dir/other,target=/etc/other,uid=7,gid=8,mode=0440 wc -c </etc/other >>/seen && stat -c '%u:%g %a' /etc/other >>/seen
RUN --mount=type=secret,id=word,env=WORD echo \${#WORD} >>/seen && ls /run/secrets 2>/dev/null || echo none >>/seen
RUN --mount=type=secret,id=missing --mount=type=secret,id=neither,env=NEITHER ls /run/secrets 2>/dev/null || echo "\${NEITHER-unset}\${WORD-unset}" >>/seen
`,
        { secrets, tag: "secrets" },
      );
      const expected = ["16", "0:0 400", "17", "7:8 440", "20", "none", "unsetunset"];
      assert.deepEqual((await see(engine, "secrets", "cat /seen")).split("\n"), expected);
      await fails(
        build,
        "FROM busybox\nRUN --mount=type=secret,id=missing,required true\n",
        /secret missing: not found/,
      );
      await fails(
        build,
        "FROM busybox\nRUN --mount=type=secret,id=key --mount=type=secret,id=word,env=WORD false\n",
        /false/,
        {
          secrets,
        },
      );
      assert.deepEqual(secretFiles(engine), []);
      assert.equal(await engine.ok("ps", "-aq"), "");
      const told =
        (await engine.ok("history", "--no-trunc", "secrets")) + (await engine.ok("image", "inspect", "secrets"));
      assert.doesNotMatch(told + engine.log(), /s3cr3t/);
      const kept = globSync(join(engine.dataRoot, "{content,layers,containers,volumes,tmp}/**"), {
        withFileTypes: true,
      })
        .filter((entry) => entry.isFile())
        .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes("s3cr3t"));
      assert.deepEqual(kept, []);
    },
  },
  {
    name: "nobody waits any more: the secret goes with the step",
    async play(engine, build) {
      const gone = new AbortController();
      const built = build("FROM busybox\nRUN --mount=type=secret,id=key sleep 1000\n", {
        ...{ secrets: { key: "k" }, signal: gone.signal },
      }).catch(() => {});
      await until(async () => secretFiles(engine).length === 1 && (await engine.ok("ps", "-q")) !== "");
      gone.abort();
      await built;
      await until(async () => secretFiles(engine).length === 0 && (await engine.ok("ps", "-aq")) === "");
    },
  },
  {
    name: "network and security of a step",
    async play(engine, build) {
      const dockerfile =
        "FROM busybox\nRUN --network=none ls /sys/class/net >/one\nRUN --network=default --security=sandbox ls /sys/class/net >/two\n";
      await succeeds(build, dockerfile, { tag: "net" });
      assert.deepEqual((await see(engine, "net", "cat /one; echo; cat /two")).split("\n").toSorted(), [
        "",
        "eth0",
        "lo",
        "lo",
      ]);
      await fails(build, "FROM busybox\nRUN --network=host true\n", /network\.host is not allowed/);
      await fails(build, "FROM busybox\nRUN --security=insecure true\n", /security\.insecure is not allowed/);
    },
  },
  {
    name: "what is not supported is refused",
    async play(_engine, build) {
      const run = (mount: string) => `FROM busybox\nRUN --mount=${mount} true\n`;
      await fails(build, run("type=ssh"), /type=ssh is not supported/);
      await fails(build, run("type=cache,target=/c,from=busybox"), /is not supported for mount type 'cache'/);
      await fails(build, run("type=bind,target=/"), /invalid mount target "\/"/);
      await fails(build, run("type=else,target=/x"), /unsupported mount type "else"/);
    },
  },
  {
    name: "an engine that is killed leaves no secret behind for the next",
    async play(engine, build) {
      const built = build("FROM busybox\nRUN --mount=type=secret,id=key --mount=target=/x sleep 1000\n", {
        secrets: { key: "k" },
      }).catch(() => {});
      await until(async () => secretFiles(engine).length === 1 && (await engine.ok("ps", "-q")) !== "");
      await engine.crash();
      await built;
      await engine.restart();
      await until(() => secretFiles(engine).length === 0);
      await engine.ok("rm", "-f", await engine.ok("ps", "-aq"));
      assert.doesNotMatch((await engine.cloche("system", "check")).stdout, /^\w+ +orphan /m);
    },
  },
];
