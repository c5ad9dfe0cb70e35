import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstruction } from "./instruction.ts";
import { readLines } from "./lines.ts";
import { parseDockerfile } from "./stages.ts";

const one = (line: string) => {
  const { source: _source, ...body } = parseInstruction(line, "\\");
  return body;
};

test("lines go on behind an escape; comments between them are skipped, gaps are warned of", () => {
  const { lines, warnings } = readLines("# c\n\nFROM a\n  RUN x \\\n# in between\n  y \\\n\n  z\r\n");
  assert.deepEqual(lines, [
    { text: "FROM a", number: 3, heredocs: [] },
    { text: "RUN x   y   z", number: 4, heredocs: [] },
  ]);
  assert.match(warnings.join(), /Empty continuation line found in:\n {4}RUN x/);
});

test("the escape directive counts only before everything else", () => {
  assert.equal(readLines("# escape=`\nFROM a\n").escapeToken, "`");
  assert.equal(readLines("# a comment\n# escape=`\nFROM a\n").escapeToken, "\\");
  assert.equal(readLines("# syntax=x\n# ESCAPE = `\nFROM a\n").escapeToken, "`");
  assert.throws(() => readLines("# escape=x\nFROM a\n"), /invalid ESCAPE 'x'/);
  assert.throws(() => readLines("# escape=`\n# escape=`\nFROM a\n"), /only one escape parser directive/);
});

test("each instruction's forms", () => {
  const plain = { mounts: [], network: "", security: "" };
  const copy = { files: [], chmod: "", exclude: [], parents: false, checksum: "" };
  assert.deepEqual(one("FROM --platform=linux/arm64 a:1 AS Two"), {
    ...{ type: "FROM", image: "a:1", platform: "linux/arm64", stage: "two" },
  });
  assert.deepEqual(one('run ["a", "b c"]'), {
    ...{ type: "RUN", command: { form: "exec", words: ["a", "b c"] }, ...plain },
  });
  assert.deepEqual(one("RUN [not json"), { type: "RUN", command: { form: "shell", text: "[not json" }, ...plain });
  assert.deepEqual(one("COPY --from=x --chown=a:b c d e/"), {
    ...{ type: "COPY", sources: ["c", "d"], target: "e/", chown: "a:b", from: "x", ...copy },
  });
  assert.deepEqual(one('COPY ["a b", "c"]'), {
    ...{ type: "COPY", sources: ["a b"], target: "c", chown: "", from: "", ...copy },
  });
  assert.deepEqual(one('ENV A=1 B="2 3" C=x\\ y'), {
    ...{
      type: "ENV",
      pairs: [
        { name: "A", value: "1" },
        { name: "B", value: '"2 3"' },
        { name: "C", value: "x\\ y" },
      ],
    },
  });
  assert.deepEqual(one("ENV OLD the  rest"), { type: "ENV", pairs: [{ name: "OLD", value: "the  rest" }] });
  assert.deepEqual(one("ARG a b=1"), { type: "ARG", args: [{ name: "a" }, { name: "b", value: "1" }] });
  assert.deepEqual(one("HEALTHCHECK --interval=1m30s --retries=3 CMD a"), {
    ...{ type: "HEALTHCHECK", health: { Test: ["CMD-SHELL", "a"], Interval: 90e9, Retries: 3 } },
  });
  assert.equal(parseInstruction("RUN --mount=type=cache,target=/x y", "\\").buildKit, "mount");
});

test("a name of Object's own is no instruction", () => {
  for (const name of ["constructor", "__proto__", "toString"])
    assert.throws(() => parseInstruction(`${name} x`, "\\"), /unknown instruction/, name);
});

test("here-documents are BuildKit's: their lines would be taken for instructions", () => {
  for (const line of ["RUN <<EOF", "RUN cat <<-'E' >x", "COPY <<a.txt /x"])
    assert.throws(() => one(line), /here-documents require BuildKit/, line);
  for (const line of ["RUN cat <<<word", "RUN echo $((1<<2))", 'RUN echo "a << b"'])
    assert.equal(one(line).type, "RUN", line);
});

test("what is wrong is told with its line", () => {
  const wrong: [string, RegExp][] = [
    ["FROM a\nFOO", /^dockerfile parse error line 2: unknown instruction: FOO$/],
    ["RUN a", /line 1: no build stage in current context/],
    ["FROM a\n\nCOPY x", /line 3: COPY requires at least two arguments/],
    ["FROM a\nCMD [1]", /arrays must be comprised of strings only/],
    ["FROM a\nONBUILD ONBUILD RUN x", /isn't allowed/],
    ["# nothing\n", /file with no instructions/],
  ];
  for (const [text, expected] of wrong) assert.throws(() => parseDockerfile(text), { message: expected }, text);
});
