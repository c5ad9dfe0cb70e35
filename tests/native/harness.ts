/** Drives the launcher's binary with plans made by hand, as the engine's host/launcher does. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { after, type TestContext } from "node:test";
import { encodePlan } from "../../src/isolation/encode.ts";
import type { Op, Plan, Stage } from "../../src/isolation/plan.ts";
import { buildLauncher } from "../support/programs.ts";

const native = join(import.meta.dirname, "../../native");
buildLauncher();
/** LAUNCHER=launcher-asan (after `make -C native asan`) runs the same tests with sanitizers. */
export const binary = join(native, "build", process.env.LAUNCHER ?? "launcher");

/** Linux's numbers, spelled out here: a test must not share the tables it tests. */
export const NEWNS = 0x20000;
export const NEWUTS = 0x4000000;
export const NEWIPC = 0x8000000;
export const NEWPID = 0x20000000;
export const NEWNET = 0x40000000;
const MS_REC_PRIVATE = 0x44000;

type Json = Record<string, unknown>;
export type Run = {
  launcher: ChildProcess;
  /** All events until the launcher has closed its end. */
  events: Promise<Json[]>;
  /** The first event of that name; undefined if there was none. */
  event(name: string): Promise<Json | undefined>;
  channel: Socket;
  /** The launcher's exit status. */
  status: Promise<number | null>;
};

/** Launchers whose process runs: a failed test must not leave it behind. */
const live = new Map<ChildProcess, number>();
after(async () => {
  for (const pid of live.values()) kill(pid);
  await eventually(() => live.size === 0);
});

/** SIGKILL, if it is there still. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Start the launcher, with bytes or a plan. */
export function launch(plan: Plan | Uint8Array, program = binary): Run {
  const launcher = spawn(program, {
    env: {},
    cwd: "/",
    stdio: ["ignore", "ignore", "inherit", "pipe", "pipe", "pipe"],
  });
  const [, , , planIn, eventsOut, channel] = launcher.stdio as unknown as [0, 0, 0, Writable, Readable, Socket];
  const status = new Promise<number | null>((resolve) => launcher.on("exit", resolve));
  const { events, event } = collect(eventsOut);
  channel.on("error", () => {});
  planIn.on("error", () => {});
  void event("started").then((started) => started && live.set(launcher, Number(started.pid)));
  launcher.on("exit", () => live.delete(launcher));
  // The monitor waits for its clients to close: what no test has read by then is not wanted.
  void event("exit").then(() => channel.resume());
  planIn.end(plan instanceof Uint8Array ? plan : encodePlan(plan));
  return { launcher, events, event, channel, status };
}

function collect(stream: Readable): Pick<Run, "events" | "event"> {
  const seen: Json[] = [];
  const waiting = new Set<() => void>();
  let rest = "";
  let ended = false;
  const wake = () => {
    for (const check of waiting) check();
  };
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    seen.push(...lines.map((line): Json => JSON.parse(line)));
    wake();
  });
  stream.on("close", () => {
    ended = true;
    wake();
  });
  const until = <T>(find: () => T | undefined) =>
    new Promise<T | undefined>((resolve) => {
      const check = () => {
        const found = find();
        if (found === undefined && !ended) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
  return {
    events: until(() => (ended ? seen : undefined)).then(() => seen),
    event: (name) => until(() => seen.find((event) => event.event === name)),
  };
}

/** A directory that goes with the test, also when it fails. */
export function scratch(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "launcher-"));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A root file system with nothing but busybox. */
export function makeRoot(directory: string): string {
  const root = join(directory, "root");
  for (const name of ["bin", "proc", "dev", "etc", "tmp"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  for (const applet of execFileSync("/usr/bin/busybox", ["--list"], { encoding: "utf8" }).split("\n")) {
    if (applet && applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  }
  return root;
}

export type Wish = {
  root: string;
  argv: string[];
  env?: string[];
  flags?: number;
  stdio?: Partial<Extract<Op, { op: "stdio" }>>;
  /** more operations of stage launcher, parent and exit */
  launcher?: Op[];
  parent?: Op[];
  exit?: Op[];
  /** in the container, after the mounts and before pivot_root; then after it */
  before?: Op[];
  after?: Op[];
};

const at = (stage: Stage, ops: Op[]) => ops.map((op) => ({ ...op, stage, phase: "exec" as const }));

export function mountOp(type: string, target: string, data = ""): Op {
  return { op: "mount", source: type, target, type, flags: 0, data, create: true, optional: false };
}

/** A small container: its own namespaces, proc, /dev with null and pts, pivot_root. */
export function plan(wish: Wish): Plan {
  const stdio = { pty: false, rows: 0, cols: 0, stdin: false, stdinOnce: true, attached: true, ...wish.stdio };
  const flags = wish.flags ?? NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET;
  return {
    version: 1,
    ops: [
      ...at("launcher", [{ op: "stdio", ...stdio }, ...(wish.launcher ?? []), { op: "clone", flags }]),
      ...at("parent", wish.parent ?? []),
      ...at("container", [
        { op: "propagation", path: "/", flags: MS_REC_PRIVATE },
        { op: "open_root", path: wish.root },
        mountOp("proc", "/proc"),
        mountOp("tmpfs", "/dev", "mode=755"),
        mountOp("devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5"),
        { op: "mknod", path: "/dev/null", mode: 0o20666, major: 1, minor: 3, uid: 0, gid: 0 },
        ...(wish.before ?? []),
        stdio.pty ? { op: "pty", console: true, uid: 0, gid: 5 } : { op: "pipes" },
        { op: "pivot_root" },
        ...(wish.after ?? []),
        { op: "execve", argv: wish.argv, env: wish.env ?? [], searchPath: "/bin" },
      ]),
      ...at("exit", wish.exit ?? []),
    ],
  };
}

export function sh(script: string): string[] {
  return ["sh", "-c", script];
}

export type Frame = { type: number; payload: Buffer };

/** All frames until the monitor closes. */
export async function frames(channel: Socket): Promise<Frame[]> {
  const chunks: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => channel.once("close", resolve));
  return parseFrames(Buffer.concat(chunks));
}

export function parseFrames(bytes: Buffer): Frame[] {
  const found: Frame[] = [];
  for (let start = 0; start + 8 <= bytes.length; ) {
    const end = start + 8 + bytes.readUInt32BE(start + 4);
    found.push({ type: bytes[start] ?? -1, payload: bytes.subarray(start + 8, end) });
    start = end;
  }
  return found;
}

export function frame(type: number, payload: Uint8Array | string = ""): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

/** What the process wrote to a stream. */
export function output(all: Frame[], stream = 1): string {
  return Buffer.concat(all.filter(({ type }) => type === stream).map(({ payload }) => payload)).toString();
}

/** Start, and wait for the end of everything. */
export async function runToEnd(wish: Wish) {
  const run = launch(plan(wish));
  const [events, all, status] = await Promise.all([run.events, frames(run.channel), run.status]);
  return { events, frames: all, status, stdout: output(all), stderr: output(all, 2) };
}

/** Poll a condition; the machine may be slow, so the limit is generous. */
export async function eventually<T>(find: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it did not happen");
}
