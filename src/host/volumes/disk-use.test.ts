import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testProgram } from "../../../tests/support/programs.ts";
import { diskUse } from "./disk-use.ts";

test("files count once, links and what they lead to do not", async (t) => {
  const root = scratch(t);
  mkdirSync(join(root, "v/a/b"), { recursive: true });
  mkdirSync(join(root, "elsewhere"));
  writeFileSync(join(root, "elsewhere/large"), Buffer.alloc(100_000));
  writeFileSync(join(root, "v/a/b/file"), Buffer.alloc(1000));
  linkSync(join(root, "v/a/b/file"), join(root, "v/again"));
  symlinkSync("../elsewhere", join(root, "v/out"));
  symlinkSync("../elsewhere/large", join(root, "v/large"));
  assert.equal(await diskUse(join(root, "v")), 1000);
  assert.equal(await diskUse(join(root, "nowhere")), 0);
  execFileSync("mkfifo", [join(root, "v/fifo")]);
  assert.equal(await diskUse(join(root, "v")), 1000);
});

test("a directory that is swapped for a link while it is counted leads nowhere", async (t) => {
  const root = scratch(t);
  mkdirSync(join(root, "v/dir"), { recursive: true });
  mkdirSync(join(root, "elsewhere/deep"), { recursive: true });
  writeFileSync(join(root, "elsewhere/deep/large"), Buffer.alloc(100_000));
  symlinkSync("../elsewhere", join(root, "v/link"));
  const swapper = spawn(testProgram("attacker"), ["swap", join(root, "v/dir"), join(root, "v/link")]);
  try {
    for (let i = 0; i < 3000; i++) assert.equal(await diskUse(join(root, "v")), 0);
  } finally {
    // Gone before the folder is removed: it would put things back.
    swapper.kill("SIGKILL");
    await once(swapper, "exit");
  }
});

function scratch(t: { after(work: () => void): void }): string {
  const root = mkdtempSync(join(tmpdir(), "cloche-use-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}
