/** Both clients do the same to one engine (Debian's dockerd, on roots of its own): output and exit status must agree. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cloche, docker, dockerCli, type Ran } from "./clients.ts";
import { noReference, startReference } from "./reference-engine.ts";

const cli = dockerCli();
const skip = "missing" in cli ? cli.missing : noReference();

/** Steps that change nothing, or change it back. `up` is a running container, `done` one that exited with 3. */
const STEPS = `
ps
ps -a
ps -aq
ps -a --no-trunc
ps -a -s
ps -n 1
ps -l
ps -a --format json
ps -a --format {{.ID}}:{{.Names}}:{{.Status}}:{{.State}}:{{.Command}}:{{.Networks}}:{{.Mounts}}
ps --format table\\s{{.Names}}\\t{{.Label\\s"tier"}}
ps -a --format {{.CreatedAt}}
ps -a --filter name=done --filter status=exited
ps --format {{.Nope}}
ps --format {{.Nope
ps -f foo=bar
images
images -q
images --no-trunc
images --digests
images --format json
images --format {{.Repository}}:{{.Tag}}
images nothing
history busybox
history --no-trunc busybox
history -H=false busybox
network ls
network ls -q --no-trunc
network ls --format json
network inspect none host
network inspect -f {{.Name}} none
volume ls
system df
system df -v
system df --format json
info -f {{.ServerVersion}}
version -f {{.Server.Version}}
inspect up
inspect up none busybox
inspect -f {{.State.Running}}:{{.Config.Cmd}}:{{.HostConfig.Binds}}:{{len\\s.Mounts}} up
inspect -f {{json\\s.Config}} up
inspect -f {{.Nope}} up
inspect -f {{range\\s$k,$v:=.Config.Labels}}{{$k}}={{$v}};{{end}} up
inspect nope
inspect up nope
inspect --type volume up
inspect --type foo up
container inspect nope
image inspect nope
volume inspect nope
network inspect nope
logs done
logs -n 1 done
logs nope
logs --since foo-bar up
top up
top up -o pid
top nope
top done
port up
port up 80
port nope
diff done
diff nope
stats --no-stream --format {{.Name}}:{{.PIDs}}:{{.MemPerc}} done
stats --no-stream nope
exec up echo hi
exec up sh -c echo\\serr>&2;exit\\s4
exec -e A=B -w /tmp up sh -c pwd;echo\\s$A
exec -u 5 up id -u
exec up nope
exec up /etc
exec nope ls
exec done ls
exec -d up true
exec -it up ls
run --rm --network none busybox echo hi
run --rm --network none busybox sh -c echo\\sout;echo\\serr>&2;exit\\s7
run --rm --network none busybox nope
run --rm --network none busybox /etc
run --rm --network none -w /tmp -e X=Y --entrypoint sh busybox -c pwd;echo\\s$X
run --rm --network none -t busybox stty size
run -it --network none busybox
run -d -a stdout busybox
run --name up busybox true
run --network nope busybox true
run --pull never nope:1
run --annotation a=b busybox
run Upper
run --rm --restart always busybox
create --name up busybox
create busybox
start nope
start -a done
start up done -a
stop nope
stop up nope
start up
kill nope
kill done
kill -s FOO up
kill -s 0 up
pause done
unpause up
restart nope
rename up
rename up done
rename nope x
update up
update --cpus 0.5 up
update -m 1k up
rm nope
rm -f nope
rm up
rmi nope
rmi -f nope
tag nope a:b
tag busybox Upper
pull Upper
pull -a a:b
push -a a:b
wait nope
wait done
attach nope
attach done
commit nope x
export nope
export -o /nonexistent/x up
save nope
save -o /nonexistent/x busybox
load -i /nonexistent
import /nonexistent
cp nope:/x /tmp
cp up:/nope /tmp
cp a b
cp up:/a up:/b
network create --subnet foo x
network create --driver nope x
network rm nope
network rm none
network connect nope up
network disconnect nope up
volume rm nope
container prune -f --filter label=nothing
image prune -f
network prune -f
volume prune -f
events --since 1h --until 0s --filter event=nothing
events --format {{.ID
`;

describe("output is docker's", { skip, timeout: 600_000 }, () => {
  let engine: Awaited<ReturnType<typeof startReference>>;
  let folder: string;
  before(async () => {
    engine = await startReference();
    folder = mkdtempSync(join(tmpdir(), "cloche-differential-"));
    const label = ["--label", "tier=front"];
    await docker(engine.host, [
      "run",
      "-d",
      "--name",
      "up",
      "--network",
      "none",
      ...label,
      "busybox",
      "sleep",
      "100000",
    ]);
    await docker(engine.host, [
      "run",
      "--name",
      "done",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      "echo out; echo err >&2; exit 3",
    ]);
  });
  after(async () => {
    await engine?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const line of STEPS.split("\n").slice(1, -1))
    test(line, async () => {
      const args = line.split(" ").map((word) => word.replaceAll("\\s", " "));
      const options = { cwd: folder, env: { DOCKER_CONFIG: folder } };
      const theirs = plain(await docker(engine.host, args, options));
      assert.deepEqual(plain(await cloche(engine.host, args, options)), theirs);
    });

  test("input goes in, and its end too", async () => {
    const args = ["run", "-i", "--rm", "--network", "none", "busybox", "cat"];
    assert.deepEqual(await cloche(engine.host, args, { input: "a\nb" }), { stdout: "a\nb", stderr: "", status: 0 });
  });

  test("an id is printed, written to its file, and the container runs on", async () => {
    const cidfile = join(folder, "cid");
    const { stdout, status } = await cloche(engine.host, [
      "run",
      "-d",
      "--cidfile",
      cidfile,
      "--network",
      "none",
      "busybox",
      "sleep",
      "100000",
    ]);
    assert.match(stdout, /^[0-9a-f]{64}\n$/);
    assert.equal(readFileSync(cidfile, "utf8"), stdout.trim());
    assert.equal(status, 0);
    assert.equal((await docker(engine.host, ["inspect", "-f", "{{.State.Running}}", stdout.trim()])).stdout, "true\n");
    assert.match(
      (await cloche(engine.host, ["run", "--cidfile", cidfile, "busybox"])).stderr,
      /container ID file found/,
    );
    await docker(engine.host, ["rm", "-f", stdout.trim()]);
  });

  test("a signal that the client gets ends the container, with the container's own status", async () => {
    const words = [
      "run",
      "--rm",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done",
    ];
    const child = start(engine.host, words);
    await says(child, "ready");
    child.kill("SIGTERM");
    assert.equal(await statusOf(child), 9);
  });

  test("files are copied in and out, and a folder's contents with it", async () => {
    writeFileSync(join(folder, "file"), "text");
    assert.equal((await cloche(engine.host, ["cp", join(folder, "file"), "up:/tmp/in"])).status, 0);
    assert.equal((await docker(engine.host, ["exec", "up", "cat", "/tmp/in"])).stdout, "text");
    assert.equal((await cloche(engine.host, ["cp", "up:/tmp", join(folder, "out")])).status, 0);
    assert.equal(readFileSync(join(folder, "out", "in"), "utf8"), "text");
    assert.equal((await cloche(engine.host, ["cp", "up:/tmp/in", join(folder, "file2")])).status, 0);
    assert.equal(readFileSync(join(folder, "file2"), "utf8"), "text");
    assert.equal((await cloche(engine.host, ["cp", join(folder, "out"), "up:/tmp/dir"])).status, 0);
    assert.equal((await docker(engine.host, ["exec", "up", "cat", "/tmp/dir/in"])).stdout, "text");
  });

  test("on a terminal: its size, keys that detach, and its own line ends", async () => {
    const child = onTerminal(engine.host, ["run", "-it", "--name", "tty", "--network", "none", "busybox", "sh"]);
    await says(child, "# ");
    child.stdin?.write("echo o''k; stty size\n");
    const text = await says(child, /ok\r\n40 100\r\n/);
    assert.doesNotMatch(text, /\r\r\n/);
    child.stdin?.write("\x10\x11");
    assert.equal(await statusOf(child), 0);
    const again = onTerminal(engine.host, ["attach", "--detach-keys", "ctrl-a,x", "tty"]);
    await says(again, "# ");
    again.stdin?.write("\x01x");
    assert.equal(await statusOf(again), 1);
    const last = onTerminal(engine.host, ["exec", "-it", "tty", "sh", "-c", "echo in; exit 6"]);
    assert.equal(await statusOf(last), 6);
    await docker(engine.host, ["rm", "-f", "tty"]);
  });
});

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

const environment = (host: string) => ({ ...process.env, DOCKER_HOST: host, CLOCHE_HOST: host });

const start = (host: string, args: string[]) =>
  spawn(process.execPath, ["--", MAIN, ...args], { env: environment(host), stdio: ["ignore", "pipe", "inherit"] });

/** On a terminal of its own, made by script(1). */
const onTerminal = (host: string, args: string[]) => {
  const words = [process.execPath, "--", MAIN, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return spawn("script", ["-qec", `stty rows 40 cols 100; exec ${words}`, "/dev/null"], {
    env: environment(host),
    stdio: ["pipe", "pipe", "inherit"],
  });
};

/** Waits until a text has come. @returns all that has come since this call */
function says(child: ChildProcess, wanted: string | RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`never said ${wanted}, but: ${text}`)), 30_000);
    const onData = (chunk: Buffer) => {
      text += chunk;
      if (typeof wanted === "string" ? !text.includes(wanted) : !wanted.test(text)) return;
      clearTimeout(timer);
      child.stdout?.off("data", onData);
      resolve(text);
    };
    child.stdout?.on("data", onData);
  });
}

const statusOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    child.stdout?.resume();
    child.once("exit", resolve);
  });

/** Without what differs from run to run: ids, times, process numbers. */
function plain({ stdout, stderr, status }: Ran) {
  const text = (out: string) =>
    out
      .replace(/\b[0-9a-f]{64}\b/g, "ID64")
      .replace(/container [0-9a-f]{12}\b/g, "container ID12")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, "TIME")
      .replace(/\b(About a minute|About an hour|Less than a second|\d+ (second|minute|hour)s?)\b( ago)?/g, "LATELY")
      .replace(/^(root +)\d+( +)\d+/gm, "$1PID$2PPID")
      .replace(/ +/g, " ");
  return { stdout: text(stdout), stderr: text(stderr), status };
}
