// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Dockerfile has them
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBuildArgs } from "./build-args.ts";
import { goDuration, goQuote } from "./go-format.ts";
import { substitute, substituteWords } from "./substitute.ts";

const environment = ["A=1", "EMPTY=", "W=x y", "A=2"];
const put = (text: string) => substitute(text, environment, "\\");

test("every form of a variable", () => {
  const forms: [string, string][] = [
    ["$A", "1"],
    ["${A}b", "1b"],
    ["$NOPE", ""],
    ["${NOPE:-d}", "d"],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY-d}", ""],
    ["${A:+set}", "set"],
    ["${EMPTY:+set}", ""],
    ["${EMPTY+set}", "set"],
    ["${NOPE:-${A:-x}${W}}", "1x y"],
    ["'$A'", "$A"],
    ['"$A \\" \\x"', '1 " \\x'],
    ["\\$A", "$A"],
    ["$", "$"],
    ["a$$b", "ab"],
    ["$A$A", "11"],
    ["$1x", "x"],
  ];
  for (const [text, expected] of forms) assert.equal(put(text), expected, text);
});

test("what cannot be substituted is told", () => {
  const wrong: [string, RegExp][] = [
    ["${A", /failed to process "\$\{A": syntax error: missing '}'/],
    ["${}", /bad substitution/],
    ["${NOPE:?must be}", /NOPE: must be/],
    ["${A:x}", /unsupported modifier \(x\)/],
    ['"a', /looking for matching double-quote/],
    ["'a", /looking for matching single-quote/],
    [`${"${A:-".repeat(500)}${"}".repeat(500)}`, /too many substitutions/],
  ];
  for (const [text, expected] of wrong) assert.throws(() => put(text), expected, text);
});

test("words come apart at blanks of a variable, not at quoted ones", () => {
  assert.deepEqual(substituteWords("$W 'a b' c\\ d", environment, "\\"), ["x", "y", "a b", "c d"]);
});

test("build arguments: given beats default; before the first FROM counts where a stage names it", () => {
  const args = createBuildArgs(
    new Map([
      ["GIVEN", "g"],
      ["UNUSED", "u"],
      ["http_proxy", "p"],
    ]),
  );
  args.declareBefore("TOP", "t");
  args.declareBefore("GIVEN", "default");
  assert.deepEqual(args.before(), ["TOP=t", "GIVEN=g"]);
  args.nextStage();
  assert.deepEqual(args.effective([], { shown: true }), []);
  args.declare("TOP", undefined);
  args.declare("GIVEN", "other");
  args.declare("OWN", "o");
  assert.deepEqual(args.effective(["OWN=env"], { shown: true }), ["GIVEN=g", "TOP=t"]);
  assert.deepEqual(args.effective(["OWN=env"]), ["GIVEN=g", "TOP=t", "http_proxy=p"]);
  args.nextStage();
  assert.deepEqual(args.effective([], { shown: true }), []);
  assert.deepEqual(args.unused(), ["UNUSED"]);
});

test("Go's texts", () => {
  assert.equal(goQuote('a"\\\n\x01é'), '"a\\"\\\\\\n\\x01é"');
  assert.deepEqual([0, 300e6, 1.5e9, 90e9, 3600e9].map(goDuration), ["0s", "300ms", "1.5s", "1m30s", "1h0m0s"]);
});
