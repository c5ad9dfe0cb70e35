/**
 * The C programs that tests run. They are kept by what they are made of, in dist/test-programs: a machine without a compiler
 * (`npm run test:cgroup2` has one) finds what was built before. Run as a program, this file builds them all.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const PROGRAMS = {
  attacker: { source: "tests/attacks/attacker.c", flags: ["-O1", "-Wall", "-Werror", "-static"] },
  clock: { source: "tests/attacks/clock.c", flags: ["-D_GNU_SOURCE", "-O1", "-Wall", "-Werror", "-shared", "-fPIC"] },
  "seccomp-probe": { source: "tests/kernel/seccomp-probe.c", flags: ["-O1"] },
  "ryuk-ask": { source: "tests/clients/ryuk/ask.c", flags: ["-static", "-Os", "-Wall", "-Werror"] },
} as const;

/** @returns the program's path. Throws when it is not built and there is no compiler. */
export function testProgram(name: keyof typeof PROGRAMS): string {
  const { source, flags } = PROGRAMS[name];
  const text = readFileSync(join(root, source));
  const hash = createHash("sha256").update(flags.join(" ")).update(text).digest("hex").slice(0, 16);
  const built = join(root, "dist/test-programs", `${name}-${hash}`);
  if (!existsSync(built)) {
    mkdirSync(join(root, "dist/test-programs"), { recursive: true });
    const half = `${built}.${process.pid}`;
    execFileSync("cc", [...flags, "-o", half, join(root, source)]);
    renameSync(half, built);
  }
  return built;
}

/** Bring the launcher up to date, or its twin with sanitizers. Without a compiler what is there has to do. */
export function buildLauncher(target?: "asan"): void {
  const built = join(root, "native/build", target === undefined ? "launcher" : `launcher-${target}`);
  if (existsSync(built) && spawnSync("cc", ["--version"]).error !== undefined) return;
  execFileSync("make", ["-s", "-C", join(root, "native"), ...(target === undefined ? [] : [target])]);
}

if (import.meta.main) {
  for (const name of Object.keys(PROGRAMS)) testProgram(name as keyof typeof PROGRAMS);
  buildLauncher();
  buildLauncher("asan");
}
