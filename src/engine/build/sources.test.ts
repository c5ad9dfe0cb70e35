import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { readDockerignore } from "../../wire/dockerignore.ts";
import { checked, isGitRepository, parseChecksum } from "./fetch-source.ts";
import type { SourceEntry, SourceTree } from "./ports.ts";
import { type Choice, findSource, treeRoot } from "./sources.ts";

/** Of files' paths; the directories above them are there, too. */
function treeOf(...files: string[]): SourceTree {
  const paths = new Set(["", ...files]);
  for (const file of files)
    file.split("/").forEach((_part, index, parts) => void paths.add(parts.slice(0, index).join("/")));
  const sorted = [...paths].sort((a, b) => (a.replaceAll("/", "\0") < b.replaceAll("/", "\0") ? -1 : 1));
  const entries = sorted.map((path): SourceEntry => {
    const kind = files.includes(path) ? "file" : "dir";
    return { path, kind, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, link: "", hash: `hash of ${path}` };
  });
  return {
    entry: (path) => entries.find((one) => one.path === path),
    below: (path) => entries.filter((one) => path === "" || one.path === path || one.path.startsWith(`${path}/`)),
    read: () => assert.fail("nothing is read"),
    close: async () => {},
  };
}

const FILES = ["a.txt", "b.md", "dir/a.txt", "dir/b.md", "dir/in/c.txt", "x/y/z.txt"];
const root = treeRoot(treeOf(...FILES));
const plain: Choice = { parents: false, excluded: () => false };
const without = (...patterns: string[]): Choice => ({
  ...{ parents: false, excluded: readDockerignore(patterns.join("\n")).ignores },
});

/** What is found, as name: paths copied */
async function found(name: string, choice: Choice): Promise<string[]> {
  const sources = await findSource(root, name, choice);
  return sources.map((source) => [source.name, ...source.below.map(({ path }) => path)].join(" "));
}

test("what is excluded is matched below a directory that is copied, or as a file's name", async () => {
  assert.deepEqual(await found("dir", plain), ["dir dir dir/a.txt dir/b.md dir/in dir/in/c.txt"]);
  assert.deepEqual(await found("dir", without("*.md")), ["dir dir dir/a.txt dir/in dir/in/c.txt"]);
  assert.deepEqual(await found("dir", without("**/*.txt")), ["dir dir dir/b.md dir/in"]);
  assert.deepEqual(await found("dir", without("in")), ["dir dir dir/a.txt dir/b.md"]);
  assert.deepEqual(await found("dir", without("*", "!in/c.txt")), ["dir dir dir/in dir/in/c.txt"]);
  assert.deepEqual(await found("*.*", without("*.md")), ["a.txt a.txt"]);
  assert.deepEqual(await found("a.txt", without("a*")), []);
  assert.deepEqual((await found("", without("dir", "x"))).join(), "  a.txt b.md");
});

test("what is excluded does not change the hash", async () => {
  const hash = async (tree: SourceTree) => (await findSource(treeRoot(tree), "dir", without("*.md")))[0]?.hash;
  assert.equal(await hash(treeOf("dir/a", "dir/b.md")), await hash(treeOf("dir/a")));
  assert.notEqual(await hash(treeOf("dir/a", "dir/b")), await hash(treeOf("dir/a")));
});

test("parents are kept, from a pivot on", async () => {
  const parents: Choice = { ...plain, parents: true };
  assert.deepEqual(await found("x/y/z.txt", parents), ["x/y/z.txt x/y/z.txt"]);
  assert.deepEqual(await found("./x/./y/z.txt", parents), ["y/z.txt x/y/z.txt"]);
  assert.deepEqual(await found("x/y", parents), ["x/y x/y x/y/z.txt"]);
  assert.deepEqual(await found("**/*.txt", parents), [
    ...["a.txt a.txt", "dir/a.txt dir/a.txt", "dir/in/c.txt dir/in/c.txt", "x/y/z.txt x/y/z.txt"],
  ]);
  assert.deepEqual(await found("x/**", parents), ["x/y x/y x/y/z.txt"]);
  assert.deepEqual(await found("dir/", { ...without("dir/in", "**/*.md"), parents: true }), ["dir dir dir/a.txt"]);
  await assert.rejects(findSource(root, "../x", parents), /forbidden path/);
});

test("what a URL gives is checked", async () => {
  const content = Buffer.from("content");
  const hex = createHash("sha256").update(content).digest("hex");
  async function* pieces() {
    yield content.subarray(0, 3);
    yield content.subarray(3);
  }
  const read = async (checksum: string) => buffer(checked(pieces(), parseChecksum(checksum)));
  assert.deepEqual(await read(`sha256:${hex}`), content);
  const other = "0".repeat(64);
  await assert.rejects(read(`sha256:${other}`), { message: `digest mismatch sha256:${hex}: sha256:${other}` });
  for (const text of ["sha256:0", `md5:${other}`, other, `sha256:${other.replace("0", "G")}`])
    assert.throws(() => parseChecksum(text), /invalid checksum digest/, text);
});

test("which sources are repositories", () => {
  for (const url of [
    "git@github.com:a/b.git",
    "git://x/y",
    "ssh://git@x/y",
    "https://x/y.git",
    "https://x/y.git#main:dir",
  ])
    assert.ok(isGitRepository(url), url);
  for (const url of ["https://x/y.tar.gz", "a.git", "https://x/y.git.txt", "dir/git@x"])
    assert.ok(!isGitRepository(url), url);
});
