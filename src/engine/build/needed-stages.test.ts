// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Dockerfile has them
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile, type Stage } from "./dockerfile/stages.ts";
import { neededStages } from "./needed-stages.ts";
import { substitute } from "./substitute.ts";

const VARIABLES = ["STAGE=two", "EMPTY="];

function needed(text: string, target?: number): Stage[] {
  const { stages } = parseDockerfile(text, "buildkit");
  const stage = stages.at(target ?? -1);
  assert.ok(stage);
  return neededStages(stages, stage, (word) => substitute(word, VARIABLES, "\\"));
}
const indexes = (text: string, target?: number) => needed(text, target).map(({ index }) => index);

const FILE = [
  "FROM a AS one",
  "FROM b AS two",
  "FROM one AS three",
  "FROM scratch",
  "FROM three AS last",
  "COPY --from=3 x y",
].join("\n");

test("only what the target needs, in the file's order", () => {
  assert.deepEqual(indexes(FILE), [0, 2, 3, 4]);
  assert.deepEqual(indexes(FILE, 2), [0, 2]);
  assert.deepEqual(indexes(FILE, 1), [1]);
  assert.deepEqual(indexes(`${FILE}\nCOPY --from=TWO x y`), [0, 1, 2, 3, 4]);
  assert.deepEqual(indexes(`${FILE}\nRUN --mount=type=bind,from=two,target=/x y`), [0, 1, 2, 3, 4]);
  assert.deepEqual(indexes("FROM a AS a\nFROM busybox\nCOPY --from=nginx x y\nCOPY --from=7 x y"), [1]);
  assert.deepEqual(indexes("FROM a AS one\nFROM b AS one\nFROM one"), [1, 2]);
  assert.deepEqual(indexes("FROM a AS one\nFROM one AS one\nFROM one"), [0, 1, 2]);
});

test("names of stages are put in by the variables of the whole file", () => {
  const text = `${FILE}\nARG STAGE=one\nCOPY --from=$STAGE x y\nRUN --mount=from=\${STAGE},target=$X z`;
  const stages = needed(text);
  assert.deepEqual(
    stages.map(({ index }) => index),
    [0, 1, 2, 3, 4],
  );
  const [, , copy, run] = stages.at(-1)?.instructions ?? [];
  assert.equal(copy?.type === "COPY" && copy.from, "two");
  assert.deepEqual(run?.type === "RUN" && run.mounts, ["from=two,target=$X"]);
  assert.deepEqual(indexes("FROM a AS two\nFROM b\nFROM $STAGE"), [0, 2]);
});

test("a later stage may be needed, but not in a circle", () => {
  assert.deepEqual(indexes("FROM a AS one\nCOPY --from=late x y\nFROM b AS late\nFROM one\n"), [1, 0, 2]);
  const circle = /circular dependency detected on stage: one/;
  assert.throws(() => indexes("FROM a AS one\nCOPY --from=two x y\nFROM one AS two\n"), circle);
  assert.throws(() => indexes("FROM a AS one\nCOPY --from=0 x y\n"), circle);
});
