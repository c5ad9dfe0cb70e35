import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encodePlan } from "../../src/isolation/encode.ts";
import type { Op, PlannedOp, Stage } from "../../src/isolation/plan.ts";
import { buildLauncher } from "../support/programs.ts";
import { binary, launch, NEWNET, NEWPID, scratch, sh } from "./harness.ts";

const native = join(import.meta.dirname, "../../native");
buildLauncher("asan");

const at = (stage: Stage, op: Op): PlannedOp => ({ ...op, stage, phase: "exec" });
const stdio: Op = { op: "stdio", pty: false, rows: 0, cols: 0, stdin: false, stdinOnce: true, attached: false };
const execve: Op = { op: "execve", argv: sh("true"), env: [], searchPath: "/bin" };
const good = [
  at("launcher", stdio),
  at("launcher", { op: "clone", flags: 0 }),
  at("container", { op: "pipes" }),
  at("container", execve),
];
const files = at("container", {
  ...{ op: "files", action: "stat", path: "/", capabilities: "0" },
  ...{ ownFileSystem: false, content: false, keepKinds: false },
});
const encode = (ops: PlannedOp[]) => Buffer.from(encodePlan({ version: 1, ops }));

/** The good plan with bytes exchanged. */
function patched(change: (bytes: Buffer) => void): Buffer {
  const bytes = encode(good);
  change(bytes);
  return bytes;
}
const firstRecord = 12;
const firstArgument = firstRecord + 8;
const umask = (mask: number) => at("container", { op: "umask", mask });

const cases: [name: string, plan: Uint8Array, reason: RegExp][] = [
  ["no plan at all", Buffer.from("GET / HTTP/1.1\r\n\r\n"), /not a plan/],
  ["half a header", Buffer.from("CLOCHE\0"), /not a plan/],
  ["another version", patched((bytes) => bytes.writeUInt8(2, 7)), /version is not 1/],
  ["an unknown operation", patched((bytes) => bytes.writeUInt16LE(999, firstRecord + 4)), /unknown operation/],
  ["an unknown stage", patched((bytes) => bytes.writeUInt8(4, firstRecord + 6)), /not allowed in its stage/],
  ["too few arguments", patched((bytes) => bytes.writeUInt8(5, firstRecord + 7)), /after its last argument/],
  ["too many arguments", patched((bytes) => bytes.writeUInt8(200, firstRecord + 7)), /wrong number of arguments/],
  ["a record beyond the end", patched((bytes) => bytes.writeUInt32LE(1 << 19, firstRecord)), /cut off/],
  ["a record shorter than its head", patched((bytes) => bytes.writeUInt32LE(3, firstRecord)), /cut off/],
  ["an oversize record", patched((bytes) => bytes.writeUInt32LE((1 << 20) + 1, firstRecord)), /larger than 1 MiB/],
  ["a length that wraps", patched((bytes) => bytes.writeUInt32LE(0xffffffff, firstArgument)), /argument is cut off/],
  ["an argument without its NUL", patched((bytes) => bytes.writeUInt8(1, firstArgument + 12)), /end in NUL/],
  ["a plan that is cut off", encode(good).subarray(0, -1), /cut off/],
  ["bytes after the end", Buffer.concat([encode(good), Buffer.from("x")]), /after the last record/],
  ["more records than counted", patched((bytes) => bytes.writeUInt32LE(3, 8)), /after the last record/],
  ["fewer records than counted", patched((bytes) => bytes.writeUInt32LE(5, 8)), /cut off/],
  ["a count beyond the limit", patched((bytes) => bytes.writeUInt32LE(4097, 8)), /4096/],
  ["stages out of order", encode([...good.slice(2), ...good.slice(0, 2)]), /out of order/],
  ["an operation in a stage not its own", encode([at("launcher", { op: "pivot_root" }), ...good]), /stage/],
  ["something after execve", encode([...good, umask(0)]), /may follow/],
  ["two execve", encode([...good, at("container", execve)]), /may follow/],
  ["no execve", encode(good.slice(0, 3)), /must each be there/],
  ["no clone", encode([at("launcher", stdio), ...good.slice(2)]), /must each be there/],
  ["two ways of stdio", encode([...good.slice(0, 3), ...good.slice(2)]), /must each be there/],
  ["more than namespaces", encode([at("launcher", stdio), at("launcher", { op: "clone", flags: 0x100 })]), /flags/],
  [
    "a launcher that leaves the host",
    encode([at("launcher", { op: "setns", slot: 0, flags: NEWPID | NEWNET }), ...good]),
    /pid namespace/,
  ],
  [
    "a child that is born in another's network",
    encode([at("launcher", { op: "child_setns", slot: 0, flags: 0x10000000 | NEWNET }), ...good]),
    /user and pid namespaces only/,
  ],
  [
    "a program that would speak to the engine itself",
    encode([...good.slice(0, 1), at("launcher", { op: "channel_stdio" }), ...good.slice(1)]),
    /channel_stdio is for files/,
  ],
  ["files by the monitor's pipes", encode([...good.slice(0, 3), files]), /channel_stdio is for files/],
  ["an empty argv", encode([...good.slice(0, 3), at("container", { ...execve, argv: [] })]), /argv/],
  ["a plan of more than 4 MiB", Buffer.alloc((4 << 20) + 2), /larger than 4 MiB/],
];

for (const [build, program] of [
  ["", binary],
  [" (sanitizers)", join(native, "build/launcher-asan")],
] as const) {
  for (const [name, bytes, reason] of cases) {
    test(`${name} is refused${build}`, async () => {
      const run = launch(bytes, program);
      const [event, ...more] = await run.events;
      assert.deepEqual([event?.event, event?.op, event?.errno, more], ["error", "plan", 22, []]);
      assert.match(String(event?.object), reason);
      assert.equal(await run.status, 1);
    });
  }

  test(`every cut of a good plan is refused${build}`, async (t) => {
    const directory = scratch(t);
    const plan = encode([at("launcher", { op: "exit_record", path: join(directory, "record") }), ...good]);
    const step = build ? 7 : 3;
    for (let cut = 1; cut < plan.length; cut += step) {
      const run = launch(plan.subarray(0, cut), program);
      assert.equal((await run.events)[0]?.event, "error", `cut at ${cut}`);
      assert.equal(await run.status, 1);
    }
    assert.ok(!existsSync(join(directory, "record")));
  });

  test(`an engine that goes without a plan ends its spare launcher silently${build}`, async () => {
    const run = launch(new Uint8Array(), program);
    assert.deepEqual(await run.events, []);
    assert.equal(await run.status, 0);
  });

  test(`a good plan passes${build}`, async () => {
    const run = launch(encode(good), program);
    assert.equal((await run.events).at(-1)?.exitCode, 0);
    assert.equal(await run.status, 0);
  });
}

test("a bad operation at the end keeps the first one from running", async (t) => {
  const path = join(scratch(t), "socket");
  const run = launch(encode([at("launcher", { op: "listen", path }), ...good, umask(0)]));
  assert.equal((await run.events)[0]?.index, 5);
  assert.ok(!existsSync(path));
});
