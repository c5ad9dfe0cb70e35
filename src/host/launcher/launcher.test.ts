import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LaunchError, type MonitorChannel } from "../../engine/ports.ts";
import type { Op, Plan, Stage } from "../../isolation/plan.ts";
import { createLauncher } from "./launcher.ts";

const native = join(import.meta.dirname, "../../../native");
execFileSync("make", ["-s", "-C", native]);

async function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "host-launcher-"));
  const launcher = await createLauncher({
    binary: join(native, "build/launcher"),
    socket: join(directory, "launch.sock"),
  });
  t.after(async () => {
    await launcher.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { launcher, directory };
}

/** A shell of the host in a mount namespace of its own: these tests are about the way to the process and back. */
function shell(script: string, stdio: Partial<Extract<Op, { op: "stdio" }>> = {}, launcher: Op[] = []): Plan {
  const at = (stage: Stage, ops: Op[]) => ops.map((op) => ({ ...op, stage, phase: "exec" as const }));
  const standard = { pty: false, rows: 0, cols: 0, stdin: false, stdinOnce: true, attached: true, ...stdio };
  return {
    version: 1,
    ops: [
      ...at("launcher", [{ op: "stdio", ...standard }, ...launcher, { op: "clone", flags: 0x20000 }]),
      ...at("container", [
        { op: standard.pty ? "pty" : "pipes", console: false, uid: 0, gid: 5 } as Op,
        { op: "execve", argv: ["sh", "-c", script], env: ["PATH=/usr/bin:/bin"], searchPath: "/bin" },
      ]),
    ],
  };
}

function read(channel: MonitorChannel): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    channel.onOutput((_, data) => {
      text += data;
    });
    channel.onEnd(() => resolve(text));
  });
}

test("output, exit record and process come back; the end of output comes after the exit code", async (t) => {
  const { launcher } = await setUp(t);
  const { process, channel, exit, timings, monitorPid } = await launcher.launch(shell("echo hello; exit 3"));
  let code: number | undefined;
  void exit.then((record) => {
    code = record?.exitCode;
  });
  assert.equal(await read(channel), "hello\n");
  assert.equal(code, 3);
  assert.ok(process.pid > 1 && process.startTime > 0 && monitorPid > 1);
  assert.deepEqual(
    timings.map(([index]) => index),
    [0, 1, 2, 3],
  );
  await channel.closed;
});

test("handlers that are set long after the process has ended get all of its output", async (t) => {
  const { launcher } = await setUp(t);
  const { channel, exit } = await launcher.launch(shell("echo early"));
  await exit;
  await channel.closed;
  assert.equal(await read(channel), "early\n");
});

test("a failed operation is told by name, and names of errors are Linux's", async (t) => {
  const { launcher } = await setUp(t);
  const plan = shell("true");
  const last = plan.ops.at(-1);
  assert.ok(last?.op === "execve");
  last.argv = ["no-such-program"];
  await assert.rejects(launcher.launch(plan), (error) => {
    assert.ok(error instanceof LaunchError);
    assert.deepEqual([error.op, error.object, error.errno, error.index], ["execve", "no-such-program", "ENOENT", 3]);
    return true;
  });
});

test("a monitor is reached by its socket, and answers requests while stdin is full", async (t) => {
  const { launcher, directory } = await setUp(t);
  const socket = join(directory, "monitor.sock");
  const stdio = { stdin: true, attached: false };
  const { channel, exit } = await launcher.launch(shell("exec sleep 1000", stdio, [{ op: "listen", path: socket }]));
  while (channel.writeStdin(Buffer.alloc(1 << 16)));
  const again = await launcher.connect(socket);
  await assert.rejects(again.resize(1, 1), { kind: "conflict" });
  await assert.rejects(again.signal(999), { kind: "invalid" });
  await channel.signal(9);
  assert.deepEqual([(await exit)?.exitCode, (await exit)?.signal], [137, 9]);
  await again.closed;
  await assert.rejects(again.signal(9), { kind: "conflict" });
  await assert.rejects(launcher.connect(socket), { kind: "not-found" });
});

test("stdin reaches the process, and its half-close too", async (t) => {
  const { launcher } = await setUp(t);
  const { channel } = await launcher.launch(shell("cat; echo end", { stdin: true }));
  channel.writeStdin(Buffer.from("some words\n"));
  channel.closeStdin();
  assert.equal(await read(channel), "some words\nend\n");
});

test("the exit record is read back; a missing one is undefined", async (t) => {
  const { launcher, directory } = await setUp(t);
  const path = join(directory, "exit.json");
  const { exit } = await launcher.launch(shell("exit 4", {}, [{ op: "exit_record", path }]));
  const reported = await exit;
  assert.deepEqual(await launcher.readExitRecord(path), reported);
  assert.equal(await launcher.readExitRecord(join(directory, "none")), undefined);
});

test("monitors run from one sealed file that nobody can write to", async (t) => {
  const { launcher } = await setUp(t);
  const { channel, monitorPid } = await launcher.launch(shell("exec sleep 1000", { stdin: true }, []));
  const program = `/proc/${monitorPid}/exe`;
  assert.throws(
    () => execFileSync("sh", ["-c", `echo x > ${program}`], { stdio: "pipe" }),
    /Text file busy|not permitted/,
  );
  assert.equal(readFileSync(`/proc/${monitorPid}/environ`, "utf8"), "");
  // 0 to 2, events, channel, and the monitor's own: nothing of this process
  assert.ok(readdirSync(`/proc/${monitorPid}/fd`).length < 16);
  await channel.signal(9);
  await channel.closed;
});
