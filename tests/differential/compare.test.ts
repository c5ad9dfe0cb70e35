/** What the comparison hides, and what it must not hide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareStep } from "./compare.ts";
import { createNormaliser } from "./normalise.ts";
import { parseSteps } from "./scenario.ts";

type Said = { code?: number; stdout?: string; stderr?: string };

function differences(script: string, dockerd: Said, cloche: Said) {
  const [step] = parseSteps(script);
  assert.ok(step);
  const answer = (said: Said, root: string) => ({
    ...{ code: 0, stdout: "", stderr: "", ...said },
    normaliser: createNormaliser({ [root]: "<root>" }),
  });
  return compareStep("test", step, answer(dockerd, "/d"), answer(cloche, "/c")).map(
    ({ where, dockerd: left, cloche: right }) => [where, left, right],
  );
}

const id = (digit: string) => digit.repeat(64);

test("ids, times, durations, roots and the width of columns do not count", () => {
  const line = (hex: string, root: string, pad: string) =>
    `${hex.slice(0, 12)}${pad}Up 2 seconds${pad}${root}/x${pad}2026-01-02T03:04:05.678Z`;
  assert.deepEqual(
    differences("docker ps", { stdout: line(id("a"), "/d", "   ") }, { stdout: line(id("b"), "/c", "     ") }),
    [],
  );
});

test("another id than before, an exit code, a line and a word on stderr do count", () => {
  const [a, b] = [id("a"), id("b")];
  assert.deepEqual(differences("x", { stdout: `${a}\n${a}` }, { stdout: `${a}\n${b}` }), [
    ["stdout", "<id 1>", "<id 2>"],
  ]);
  assert.deepEqual(differences("x", { code: 126, stderr: "no" }, { code: 127, stderr: "No" }), [
    ["exit code", "126", "127"],
    ["stderr", "no", "No"],
  ]);
  assert.deepEqual(differences("x", { stdout: "one\ntwo" }, { stdout: "two" }), [["stdout", "one", "(nothing)"]]);
});

test("JSON is compared by value whatever the order of its keys; `shape` compares types only", () => {
  const [dockerd, cloche] = [{ stdout: '{"a":1,"b":[{"Pid":7}]}' }, { stdout: '{"b":[{"Pid":8}],"a":2}' }];
  assert.deepEqual(differences("x", dockerd, cloche), [["stdout .a", "1", "2"]]);
  assert.deepEqual(differences("shape x", dockerd, cloche), []);
  assert.deepEqual(differences("shape x", dockerd, { stdout: '{"a":"2","b":[]}' }), [
    ["stdout .a", '"number"', '"string"'],
    ["stdout .b", '[{"Pid":"number"}]', "[]"],
  ]);
});

test("a time that was never set, and a PID that is none, are told from others", () => {
  assert.equal(differences("x", { stdout: "0001-01-01T00:00:00Z" }, { stdout: "2026-01-01T00:00:00Z" }).length, 1);
  assert.deepEqual(differences("x", { stdout: '{"Pid":5}' }, { stdout: '{"Pid":0}' }), [
    ["stdout .Pid", '"<Pid>"', "0"],
  ]);
});

test("a script has one step a line; a backslash joins two", () => {
  assert.deepEqual(
    parseSteps("# words\n\ndocker a \\\n  b\nshape docker c\n").map(({ line, command, shapeOnly }) => [
      line,
      command,
      shapeOnly,
    ]),
    [
      [4, "docker a b", false],
      [5, "docker c", true],
    ],
  );
});
