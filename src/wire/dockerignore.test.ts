import assert from "node:assert/strict";
import { test } from "node:test";
import { readDockerignore } from "./dockerignore.ts";
import { compileGlob, isGlob } from "./glob.ts";

test("a star ends at a slash; classes, ranges and escapes are Go's", () => {
  const cases: [string, string, boolean][] = [
    ["*.txt", "a.txt", true],
    ["*.txt", "d/a.txt", false],
    ["d/*/x", "d/e/x", true],
    ["d/?", "d/ab", false],
    ["[a-c]1", "b1", true],
    ["[^a-c]1", "b1", false],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["a*b*c", "aXbXbYc", true],
    ["", "", true],
  ];
  for (const [pattern, path, expected] of cases)
    assert.equal(compileGlob(pattern, { directories: false })(path), expected, `${pattern} ${path}`);
  for (const bad of ["[", "[]", "[a", "[a-]", "\\"])
    assert.throws(() => compileGlob(bad, { directories: false }), /syntax error in pattern/, bad);
  assert.deepEqual(["a", "a*", "a\\*", "a\\\\*", "[x]"].map(isGlob), [false, true, false, true, true]);
});

test("two stars stand for any number of directories, none too, but not for part of a name", () => {
  const cases: [string, string, boolean][] = [
    ["**/x", "x", true],
    ["**/x", "a/b/x", true],
    ["**/x", "ax", false],
    ["a/**/x", "a/x", true],
    ["a/**", "a/b/c", true],
    ["**", "anything/at all", true],
    ["a/**/b/**/c", "a/b/b/q/c", true],
  ];
  for (const [pattern, path, expected] of cases)
    assert.equal(compileGlob(pattern, { directories: true })(path), expected, `${pattern} ${path}`);
});

test("a pattern that would make a backtracking matcher hang is answered at once", () => {
  const glob = compileGlob(`${"**/a*".repeat(30)}b`, { directories: true });
  assert.equal(glob(`${"a".repeat(300)}/`.repeat(5)), false);
});

test(".dockerignore: the last rule decides; a directory takes what is in it along; comments and blanks are skipped", () => {
  const rules = readDockerignore("# comment\n\n  /build/ \n*.log\n!keep.log\nnode_modules\n./a/../b\n");
  const seen = ["build", "build/x", "x.log", "d/x.log", "keep.log", "node_modules/a/b", "b", "src"].map(rules.ignores);
  assert.deepEqual(seen, [true, true, true, false, false, true, true, false]);
  assert.equal(rules.hasExceptions, true);
  const nested = readDockerignore("docs\n!docs/README.md\ndocs/private");
  assert.deepEqual(["docs/a", "docs/README.md", "docs/private/x"].map(nested.ignores), [true, false, true]);
});
