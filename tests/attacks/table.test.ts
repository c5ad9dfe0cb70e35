/** docs/attacks.md and the tests name the same attacks. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../support/engine.ts";

const rows = [
  ...readFileSync(join(projectRoot, "docs/attacks.md"), "utf8").matchAll(/^\| ([\d–]+) \|.*\| ([^|]+) \|$/gm),
];

test("every attack of this folder is in the table, with the file that tries it", () => {
  const listed = rows.flatMap(([, number, files = ""]) => files.split(", ").map((file) => `${number} ${file}`));
  const tried = globSync("tests/attacks/*.test.ts", { cwd: projectRoot }).flatMap((file) =>
    [...readFileSync(join(projectRoot, file), "utf8").matchAll(/^\s*test\([`"]attack (\d+):/gm)].map(
      ([, number]) => `${number} ${file}`,
    ),
  );
  const here = listed.filter((entry) => entry.includes(" tests/attacks/"));
  assert.deepEqual(here.toSorted(), [...new Set(tried)].toSorted());
});

test("every file in the table is there", () => {
  assert.ok(rows.length > 30);
  const files = rows.flatMap(([, , files = ""]) => files.split(", "));
  assert.deepEqual(
    files.filter((file) => !existsSync(join(projectRoot, file))),
    [],
  );
});
