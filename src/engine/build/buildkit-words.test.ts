// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Dockerfile has them
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBuildArgs, withBothCases } from "./build-args.ts";
import type { Instruction } from "./dockerfile/instruction.ts";
import { parseDockerfile } from "./dockerfile/stages.ts";
import { expand } from "./expand.ts";
import { isForBuilder, platformArgs } from "./predefined-args.ts";
import { substituteText } from "./substitute.ts";

const ARM = { os: "linux", architecture: "arm", variant: "v7" };
const AMD = { os: "linux", architecture: "amd64" };

test("the platforms of a build are arguments", () => {
  assert.deepEqual(Object.fromEntries(platformArgs("linux/arm/v7", AMD)), {
    ...{ TARGETPLATFORM: "linux/arm/v7", TARGETOS: "linux", TARGETARCH: "arm", TARGETVARIANT: "v7" },
    ...{ BUILDPLATFORM: "linux/amd64", BUILDOS: "linux", BUILDARCH: "amd64", BUILDVARIANT: "" },
  });
  assert.equal(platformArgs("", ARM).get("TARGETPLATFORM"), "linux/arm/v7");
  assert.throws(() => platformArgs("x y", AMD), /invalid platform specifier/);
});

test("predefined arguments: FROM sees them, a stage by ARG; they are never unused", () => {
  const given = new Map([
    ["TARGETOS", "plan9"],
    ["OTHER", "x"],
  ]);
  const args = createBuildArgs(given, platformArgs("", AMD));
  assert.ok(args.before().includes("BUILDPLATFORM=linux/amd64"));
  assert.ok(args.before().includes("TARGETOS=plan9"));
  args.declareBefore("TARGETARCH", undefined);
  args.nextStage();
  assert.deepEqual(args.effective([], { shown: true }), []);
  for (const name of ["TARGETARCH", "TARGETOS", "TARGETVARIANT"]) args.declare(name, undefined);
  args.declare("BUILDARCH", "own");
  const seen = ["BUILDARCH=own", "TARGETARCH=amd64", "TARGETOS=plan9", "TARGETVARIANT="];
  assert.deepEqual(args.effective([], { shown: true }), seen);
  assert.deepEqual(args.unused(), ["OTHER"]);
  args.declareBefore("TARGETARCH", "mine");
  assert.ok(args.before().includes("TARGETARCH=mine"));
  assert.deepEqual(["BUILDKIT_INLINE_CACHE", "SOURCE_DATE_EPOCH", "BUILD"].map(isForBuilder), [true, true, false]);
});

test("in a file's content variables are put in, and quotes stay", () => {
  const put = (text: string) => substituteText(text, ["A=1"]);
  const forms: [string, string][] = [
    ["it's $A \"$A\" '${A}'\n", "it's 1 \"1\" '1'\n"],
    ["\\$A \\\\ a\\b\n", "$A \\ ab\n"],
    ['${B:-"d"}$B', '"d"'],
  ];
  for (const [text, expected] of forms) assert.equal(put(text), expected, text);
});

test("variables are put into what BuildKit's flags and here-documents say", () => {
  const expanded = (...lines: string[]): Instruction => {
    const [instruction] = parseDockerfile(["FROM a", ...lines].join("\n"), "buildkit").stages[0]?.instructions ?? [];
    assert.ok(instruction);
    return expand(instruction, ["A=1"], "\\");
  };
  const copy = expanded("COPY --chmod=$A --exclude=$A <<a <<'b' $A", "$A", "a", "$A", "b");
  assert.ok(copy.type === "COPY");
  assert.deepEqual([copy.chmod, copy.exclude, copy.target], ["1", ["$A"], "1"]);
  assert.deepEqual(
    copy.files.map(({ content }) => content),
    ["1\n", "$A\n"],
  );
  const add = expanded("ADD --checksum=sha256:$A http://x/y z");
  assert.equal(add.type === "ADD" && add.checksum, "sha256:1");
  const run = expanded("RUN --mount=target=/$A,id=${B:-x} $A <<EOF", "$A", "EOF");
  assert.ok(run.type === "RUN");
  assert.deepEqual(run.mounts, ["target=/1,id=x"]);
  assert.deepEqual(run.command, { form: "shell", text: "$A <<EOF\n$A\nEOF" });
});

test("ARG after ENV counts until the next ENV; a stage has what the one that it starts from has declared", () => {
  const args = createBuildArgs(new Map([["A", "given"]]), new Map(), "buildkit");
  const environment = ["A=env", "B=env"];
  args.nextStage();
  args.declare("A", "default");
  args.declare("B", undefined);
  assert.deepEqual(args.effective(environment), ["A=given"]);
  const declared = args.declared();
  args.environmentSet(["A"]);
  assert.deepEqual(args.effective(environment), []);
  args.nextStage(declared);
  assert.deepEqual(args.effective(environment), ["A=given"]);
  args.nextStage();
  assert.deepEqual(args.effective(environment), []);
});

test("the classic builder's ENV stands before every ARG", () => {
  const args = createBuildArgs(new Map([["A", "given"]]));
  args.declare("A", "default");
  assert.deepEqual(args.effective(["A=env"]), []);
});

test("a proxy is known by both of its names, unless they are given apart", () => {
  const given = new Map([
    ["http_proxy", "h"],
    ["NO_PROXY", "N"],
    ["no_proxy", "n"],
    ["other", "o"],
  ]);
  assert.deepEqual(Object.fromEntries(withBothCases(given)), {
    ...{ http_proxy: "h", HTTP_PROXY: "h", NO_PROXY: "N", no_proxy: "n", other: "o" },
  });
});
