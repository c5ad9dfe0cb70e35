/**
 * Runs the suite in three parts, one after the other, and closes with one summary line for all of them:
 * unit tests (beside the code), tests against the real kernel, API and CLI (tests/), and last the leak check.
 * A file that fails is run once more by itself, on a machine that does nothing else then; if it passes, it is named as unsteady
 * in the summary, and mending it is due. Exit status 1 if a test failed or none ran.
 */
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { leftovers } from "../tests/support/leftovers.ts";

type Result = { passed: number; skipped: number; failed: string[] };
type Part = { title: string; files: string[]; concurrency: number; again: boolean };

const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith("--"));
const scratch = mkdtempSync(join(tmpdir(), "test-run-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
process.env.CLOCHE_LEFT_BEFORE = join(scratch, "left-before.json");
writeFileSync(process.env.CLOCHE_LEFT_BEFORE, JSON.stringify(await leftovers()));

const results = new Map<string, Result>();
const unsteady: string[] = [];
for (const part of chooseParts()) await runPart(part);
process.exit(summarise());

function chooseParts(): Part[] {
  if (named.length > 0) return [{ title: "named files", files: named, concurrency: 1, again: false }];
  const files = globSync("src/**/*.test.ts").sort();
  const unit: Part = { title: "unit", files, concurrency: 2, again: true };
  if (words.includes("--unit")) return [unit];
  const leaks = "tests/leaks.test.ts";
  const real = globSync("tests/**/*.test.ts")
    .filter((file) => file !== leaks)
    .sort();
  const parts: Part[] = [
    { title: "kernel, API and CLI", files: real, concurrency: 1, again: true },
    { title: "leaks", files: [leaks], concurrency: 1, again: false },
  ];
  return words.includes("--real") ? parts : [unit, ...parts];
}

async function runPart({ title, files, concurrency, again }: Part): Promise<void> {
  console.log(`\n── ${title}: ${files.length} files`);
  const first = await runFiles(files, concurrency);
  for (const [file, result] of first) results.set(file, result);
  if (!again) return;
  for (const [file, { failed }] of first) {
    if (failed.length === 0) continue;
    console.log(`\n── once more: ${file}`);
    const second = (await runFiles([file], 1)).get(file);
    if (!second || second.failed.length > 0) continue;
    unsteady.push(...failed.map((name) => `${file}: ${name}`));
    results.set(file, second);
  }
}

async function runFiles(files: string[], concurrency: number): Promise<Map<string, Result>> {
  const found = new Map<string, Result>();
  const of = (file = "?"): Result => {
    const result = found.get(file) ?? { passed: 0, skipped: 0, failed: [] };
    found.set(file, result);
    return result;
  };
  const timeout = 600_000 * Number(process.env.CLOCHE_TEST_PATIENCE ?? 1);
  const stream = run({ files, concurrency, timeout });
  stream.on("test:pass", (event) => {
    if (event.details.type === "suite") return;
    if (event.skip !== undefined || event.todo !== undefined) of(event.file).skipped++;
    else of(event.file).passed++;
  });
  stream.on("test:fail", (event) => {
    if (event.details.type !== "suite") of(event.file).failed.push(event.name);
  });
  const output = stream.compose(spec());
  output.on("data", (chunk: string | Buffer) => process.stdout.write(chunk));
  await finished(output, { writable: false });
  return found;
}

/** @returns the exit status */
function summarise(): number {
  const all = [...results.values()];
  const passed = all.reduce((sum, result) => sum + result.passed, 0);
  const skipped = all.reduce((sum, result) => sum + result.skipped, 0);
  const failures = [...results].flatMap(([file, { failed }]) => failed.map((name) => `${file}: ${name}`));
  for (const name of unsteady) console.log(`unsteady, passed when run again: ${name}`);
  for (const name of failures) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failures.length} failed, ${skipped} skipped`);
  return failures.length > 0 || passed === 0 ? 1 : 0;
}
