import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { encodePlan } from "./encode.ts";
import { opTable } from "./op-table.ts";
import type { Op, Plan } from "./plan.ts";

const planOf = (op: Op): Plan => ({ version: 1, ops: [{ ...op, stage: "container", phase: "exec" }] });
const bytesOf = (op: Op) => Buffer.from(encodePlan(planOf(op))).subarray(12);

test("the launcher has the same operations, arguments and stages", () => {
  const native = join(import.meta.dirname, "../../native");
  execFileSync("make", ["-s", "-C", native]);
  const listed = execFileSync(join(native, "build/launcher"), ["--list-ops"], { encoding: "utf8" });
  const ours = Object.entries(opTable).map(
    ([name, { code, fields, stages }]) =>
      `${code} ${name} ${Object.values(fields).join("") || "-"} ${stages.join(",")}\n`,
  );
  assert.equal(ours.join(""), listed);
});

test("a record has its length, code, stage, and arguments that end in NUL", () => {
  const bytes = bytesOf({ op: "symlink", target: "pts/ptmx", path: "/dev/ptmx" });
  assert.equal(bytes.readUInt32LE(0), bytes.length - 4);
  assert.equal(bytes.readUInt16LE(4), opTable.symlink.code);
  assert.deepEqual([bytes[6], bytes[7]], [2, 2]);
  assert.equal(bytes.toString("latin1", 8), "\x08\0\0\0pts/ptmx\0\x09\0\0\0/dev/ptmx\0");
});

test("the header counts the records", () => {
  const bytes = Buffer.from(encodePlan({ version: 1, ops: [] }));
  assert.equal(bytes.toString("latin1"), "CLOCHE\0\x01\0\0\0\0");
});

test("masks of 64 bits, negative limits, flags and words become numbers", () => {
  const masks = bytesOf({ op: "cap_bounding", mask: "18446744073709551615" });
  assert.equal(masks.readBigUInt64LE(12), 0xffffffffffffffffn);
  const limit = bytesOf({ op: "rlimit", resource: 7, soft: -1, hard: 1024, optional: true });
  assert.deepEqual(
    [12, 25, 38, 51].map((at) => limit.readBigInt64LE(at)),
    [7n, -1n, 1024n, 1n],
  );
});

test("lists keep empty texts apart from no text", () => {
  const bytes = bytesOf({ op: "execve", argv: ["a", ""], env: [], searchPath: "" });
  assert.equal(bytes.toString("latin1", 8), "\x03\0\0\0a\0\0\0\0\0\0\0\0\0\0\0\0\0");
});

test("what cannot travel is refused, and named", () => {
  const refused = (op: Op, name: RegExp) => assert.throws(() => encodePlan(planOf(op)), name);
  refused({ op: "sethostname", name: "a\0b" }, /sethostname: name/);
  refused({ op: "execve", argv: ["a", "b\0c"], env: [], searchPath: "" }, /execve: argv/);
  refused({ op: "umask", mask: -1 }, /umask: mask/);
  refused({ op: "umask", mask: 0.5 }, /umask: mask/);
  refused({ op: "cap_bounding", mask: "18446744073709551616" }, /cap_bounding: mask/);
  refused({ op: "set_user", uid: 0, gid: 0, groups: [2 ** 32] }, /set_user: groups/);
});
