/** The floors of the architecture: who may import whom. The table is the rule; docs/ARCHITECTURE.md shows it. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = import.meta.dirname;

/** floor -> floors it may import; packages: may import npm packages; node: "any" builtin, "none", or a list. */
const FLOORS: Record<string, { floors: string[]; packages: boolean; node: "any" | string[]; typesOnly?: true }> = {
  lib: { floors: [], packages: false, node: "any" },
  kernel: { floors: ["lib"], packages: false, node: ["os"] },
  wire: { floors: ["lib"], packages: true, node: ["buffer", "stream", "crypto", "zlib", "path"] },
  isolation: { floors: ["lib", "kernel"], packages: false, node: ["path", "buffer"] },
  engine: { floors: ["lib", "kernel", "wire", "isolation"], packages: true, node: "any" },
  host: { floors: ["lib", "kernel", "wire", "isolation", "engine"], packages: true, node: "any" },
  api: { floors: ["lib", "wire", "engine"], packages: true, node: "any" },
  cli: { floors: ["lib", "wire"], packages: true, node: "any" },
  demo: { floors: ["lib", "kernel", "wire"], packages: true, node: "any" },
  // In the browser: of the other floors it has only types.
  web: { floors: ["wire"], packages: true, node: [], typesOnly: true },
  composition: {
    floors: ["lib", "kernel", "wire", "isolation", "engine", "host", "api"],
    packages: true,
    node: "any",
  },
};

test("every file imports only from its own floor and those below", () => {
  const wrong: string[] = [];
  for (const file of globSync("**/*.{ts,tsx}", { cwd: root })) {
    const floor = file.split("/")[0] ?? "";
    if (/\.(test|fixture)\.ts$/.test(file) || file === "main.ts") continue;
    const rule = FLOORS[floor];
    assert.ok(rule, `${file}: the floor ${floor} is not in the table`);
    for (const { target, type } of imports(join(root, file))) {
      if (target.startsWith("node:")) {
        const name = target.slice(5).split("/")[0] ?? "";
        if (rule.node !== "any" && !rule.node.includes(name)) wrong.push(`${file} -> ${target}`);
      } else if (target.startsWith(".")) {
        const other = relative(root, resolve(join(root, file), "..", target)).split("/")[0] ?? "";
        if (other !== floor && (!rule.floors.includes(other) || (rule.typesOnly && !type)))
          wrong.push(`${file} -> ${target}`);
      } else if (!rule.packages) wrong.push(`${file} -> ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("no file has outgrown one idea", () => {
  const long = globSync(["**/*.{ts,tsx}", "../native/*.{c,h}"], { cwd: root })
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length - 1 }))
    .filter(({ file, lines }) => lines > (/\.tsx?$/.test(file) ? 300 : 400))
    .map(({ file, lines }) => `${file}: ${lines} lines`);
  assert.deepEqual(long, []);
});

function imports(path: string): { target: string; type: boolean }[] {
  const text = readFileSync(path, "utf8");
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b(\s+type\b)?[^;]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gms,
    ),
  ].map(([, type, from, bare, lazy]) => ({ target: from ?? bare ?? lazy ?? "", type: type !== undefined }));
}
