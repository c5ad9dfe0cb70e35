/**
 * Runs the suite in three parts, one after the other, and closes with one summary line for all of them:
 * unit tests (beside the code), tests against the real kernel, API and CLI (tests/), and last the leak check.
 * Exit status 1 if a test failed or none ran.
 */
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { leftovers } from "../tests/support/leftovers.ts";

type Totals = { passed: number; failed: number; skipped: number };

const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith("--"));
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

const scratch = mkdtempSync(join(tmpdir(), "test-run-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
process.env.CLOCHE_LEFT_BEFORE = join(scratch, "left-before.json");
writeFileSync(process.env.CLOCHE_LEFT_BEFORE, JSON.stringify(await leftovers()));

for (const part of chooseParts()) await runPart(part);

for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);

type Part = { title: string; files: string[]; concurrency: number };

function chooseParts(): Part[] {
  if (named.length > 0) return [{ title: "named files", files: named, concurrency: 1 }];
  const unit: Part = { title: "unit", files: globSync("src/**/*.test.ts").sort(), concurrency: 2 };
  if (words.includes("--unit")) return [unit];
  const leaks = "tests/leaks.test.ts";
  const real = globSync("tests/**/*.test.ts")
    .filter((file) => file !== leaks)
    .sort();
  const parts: Part[] = [
    { title: "kernel, API and CLI", files: real, concurrency: 1 },
    { title: "leaks", files: [leaks], concurrency: 1 },
  ];
  return words.includes("--real") ? parts : [unit, ...parts];
}

async function runPart(part: Part): Promise<void> {
  console.log(`\n── ${part.title}: ${part.files.length} files`);
  const stream = run({
    files: part.files,
    concurrency: part.concurrency,
    timeout: 600_000 * Number(process.env.CLOCHE_TEST_PATIENCE ?? 1),
  });
  stream.on("test:pass", (event) => {
    if (event.details.type === "suite") return;
    if (event.skip !== undefined || event.todo !== undefined) totals.skipped++;
    else totals.passed++;
  });
  stream.on("test:fail", (event) => {
    if (event.details.type === "suite") return;
    totals.failed++;
    failures.push(`${event.file ?? "?"}: ${event.name}`);
  });
  const output = stream.compose(spec());
  output.on("data", (chunk: string | Buffer) => process.stdout.write(chunk));
  await finished(output, { writable: false });
}
