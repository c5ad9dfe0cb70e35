// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Dockerfile has them
import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsOf } from "../metadata.ts";
import { type Instruction, type InstructionOf, parseInstruction } from "./instruction.ts";
import { readLines } from "./lines.ts";
import { parseDockerfile, parseTrigger } from "./stages.ts";

/** The instructions behind FROM. */
const all = (...lines: string[]): Instruction[] =>
  parseDockerfile(["FROM a", ...lines, ""].join("\n"), "buildkit").stages[0]?.instructions ?? [];

function commandOf(...lines: string[]) {
  const [run, ...others] = all(...lines);
  assert.equal(run?.type, "RUN");
  assert.deepEqual(others, []);
  return (run as InstructionOf<"RUN">).command;
}

function copyOf(...lines: string[]) {
  const [copy, ...others] = all(...lines);
  assert.ok(copy?.type === "COPY" || copy?.type === "ADD");
  assert.deepEqual(others, []);
  return copy as InstructionOf<"COPY" | "ADD">;
}

test("RUN of nothing but a here-document: its content is the command", () => {
  const plain = { form: "shell", text: "echo a\n# no comment\n\n\techo b \\\n" };
  const content = ["echo a", "# no comment", "", "\techo b \\", "EOF"];
  for (const line of [
    "RUN <<EOF",
    "RUN <<'EOF'",
    'RUN <<"EOF"',
    "RUN << EOF",
    "RUN 3<<EOF",
    "RUN --network=none <<EOF",
  ])
    assert.deepEqual(commandOf(line, ...content), plain, line);
  assert.deepEqual(commandOf("RUN <<-EOF", "\techo a", "\t\techo b", "\tEOF"), {
    form: "shell",
    text: "echo a\necho b\n",
  });
  assert.deepEqual(commandOf("RUN <<EOF", "#!/bin/x", "y", "EOF"), { form: "script", text: "#!/bin/x\ny\n" });
  assert.deepEqual(commandOf("RUN <<EOF", "EOF"), { form: "shell", text: "" });
});

test("RUN with more than a here-document: the shell gets the whole", () => {
  assert.deepEqual(commandOf("RUN cat <<A >f && \\", "  cat <<-'B'", "1", "A", "\t2", "\tB"), {
    ...{ form: "shell", text: "cat <<A >f &&   cat <<-'B'\n1\nA\n\t2\nB" },
  });
  assert.deepEqual(commandOf("RUN python3 <<EOF", "print(1)", "EOF"), {
    ...{ form: "shell", text: "python3 <<EOF\nprint(1)\nEOF" },
  });
  assert.deepEqual(commandOf("RUN cat << EOF > f", "1", "EOF"), { form: "shell", text: "cat << EOF > f\n1\nEOF" });
});

test("what only looks like a here-document", () => {
  for (const args of ["cat <<<word", "echo $((1<<2))", "echo $((1 << 2))", 'echo "a << b"', "echo '<<EOF'", "cat<<EOF"])
    assert.deepEqual(commandOf(`RUN ${args}`), { form: "shell", text: args });
  assert.deepEqual(commandOf('RUN ["echo", "<<EOF"]'), { form: "exec", words: ["echo", "<<EOF"] });
  assert.deepEqual(all("CMD <<EOF").length, 1);
});

test("what follows a here-document is read on", () => {
  const types = all("RUN <<EOF", "FROM x", "EOF", "# comment", "COPY <<a <<b /c/", "b", "a", "a", "b", "USER u");
  assert.deepEqual(
    types.map(({ type }) => type),
    ["RUN", "COPY", "USER"],
  );
  const { lines } = readLines("FROM a\r\nRUN <<EOF\r\nx\r\nEOF\r\nUSER u\r\n", "buildkit");
  assert.deepEqual(
    lines.map(({ number, heredocs }) => [number, heredocs.map(({ content }) => content)]),
    [
      [1, []],
      [2, ["x\r\n"]],
      [5, []],
    ],
  );
});

test("here-documents of COPY and ADD are files", () => {
  assert.deepEqual(copyOf("COPY <<EOF /dest", "a $b", "EOF").files, [{ name: "EOF", content: "a $b\n", expand: true }]);
  const two = copyOf("ADD --chmod=600 <<-a.txt x <<'b.txt' /dir/", "\t1", "\ta.txt", "\t2", "b.txt");
  assert.deepEqual(two.files, [
    { name: "a.txt", content: "1\n", expand: true },
    { name: "b.txt", content: "\t2\n", expand: false },
  ]);
  assert.deepEqual([two.sources, two.target, two.chmod], [["x"], "/dir/", "600"]);
  assert.throws(() => all("COPY a <<EOF", "x", "EOF"), /COPY cannot accept a heredoc as a destination/);
});

test("a here-document that does not end is told with its line", () => {
  const unended = { message: "dockerfile parse error line 3: unterminated heredoc" };
  for (const line of ["RUN <<EOF", "COPY <<EOF /x", "RUN <<-EOF"])
    assert.throws(() => all("USER x", line, "x", " EOF", "EOF x"), unended, line);
});

test("a trigger keeps its here-document", () => {
  const [trigger] = all("ONBUILD RUN <<EOF", "echo a", "EOF");
  assert.equal(trigger?.type === "ONBUILD" && trigger.expression, "RUN <<EOF\necho a\nEOF");
  const run = parseTrigger("RUN <<EOF\necho a\nEOF", "\\", "buildkit");
  assert.deepEqual(run.type === "RUN" && run.command, { form: "shell", text: "echo a\n" });
  assert.throws(() => parseTrigger("RUN <<EOF\necho a", "\\", "buildkit"), /unterminated heredoc/);
  assert.throws(() => parseTrigger("RUN <<EOF\necho a\nEOF", "\\", "classic"), /require BuildKit/);
});

test("a script is run from a file that is no part of the image", () => {
  const words = wordsOf({ form: "script", text: "#!/bin/x\n" }, { Shell: ["/other"] });
  assert.deepEqual(
    [words.slice(0, 2), words.slice(3)],
    [
      ["/bin/sh", "-c"],
      ["sh", "#!/bin/x\n"],
    ],
  );
});

test("flags that only BuildKit has", () => {
  const copy = copyOf("COPY --link --parents --chmod=u=rwX,go=rX --exclude=*.md --exclude=x --from=y a b/");
  assert.deepEqual([copy.parents, copy.chmod, copy.exclude, copy.from], [true, "u=rwX,go=rX", ["*.md", "x"], "y"]);
  assert.equal(copyOf("COPY --link=false --parents=false a b").parents, false);
  assert.equal(copyOf("ADD --keep-git-dir --checksum=sha256:0 http://x/y z").checksum, "sha256:0");
  const [run] = all("RUN --mount=type=cache,target=/x --mount=target=/y --network=host --security=insecure z");
  assert.ok(run?.type === "RUN");
  assert.deepEqual(run.mounts, ["type=cache,target=/x", "target=/y"]);
  assert.deepEqual([run.network, run.security], ["host", "insecure"]);
  const wrong: [string, RegExp][] = [
    ["COPY --link=x a b", /expecting boolean value for flag link, not: x/],
    ["COPY --chmod a b", /Missing a value on flag: chmod/],
    ["COPY --checksum=sha256:0 a b", /Unknown flag: checksum/],
    ["RUN --network=mine x", /invalid network mode: "mine"/],
    ["RUN --security=none x", /security "none" is not valid/],
  ];
  for (const [line, expected] of wrong) assert.throws(() => all(line), expected, line);
});

test("the classic builder's parser knows none of it", () => {
  assert.throws(() => parseInstruction("COPY --link a b", "\\"), /Missing a value on flag: link/);
  assert.throws(() => parseDockerfile("FROM a\nRUN <<EOF\nEOF\n"), /line 2: here-documents require BuildKit/);
  assert.equal(parseInstruction("COPY --link=true a b", "\\").buildKit, "link");
});

test("directives come first, and only escape says something", () => {
  const { escapeToken, warnings, lines } = readLines(
    "# syntax=docker/dockerfile:1\n# check=skip=all\n# escape=`\nFROM a\nRUN x `\n  y\n",
    "buildkit",
  );
  assert.deepEqual([escapeToken, warnings], ["`", []]);
  assert.deepEqual(
    lines.map(({ text }) => text),
    ["FROM a", "RUN x   y"],
  );
});
