import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compile } from "../compile.ts";
import { sampleProcess, sampleSpec } from "../sample-spec.ts";
import type { CgroupLayout } from "../spec.ts";
import { byHand } from "./index.ts";

const box = { name: "box", cgroupPath: "/docker/box" };

test("a script is what sh(1) can read, on v1 and on v2", () => {
  const v1: CgroupLayout = {
    version: "v1",
    hierarchies: [{ controllers: ["memory"], mountpoint: "/sys/fs/cgroup/memory" }],
  };
  const sample = sampleSpec();
  const specs = [
    sample,
    sampleSpec({ cgroup: { ...sample.cgroup, layout: v1, deviceRules: [] } }),
    sampleSpec({ namespaces: { ...sample.namespaces, cgroup: "new", net: { pid: 4711, startTime: 1 } } }),
  ];
  for (const spec of specs) execFileSync("sh", ["-n"], { input: byHand(compile(spec), box) });
});

test("its own cgroup is named after the script, never the container's", () => {
  const script = byHand(compile(sampleSpec()), box);
  assert.match(script, /^mkdir -p \/sys\/fs\/cgroup\/docker\/"\$box"$/m);
  assert.doesNotMatch(script, /\/docker\/box\b/);
});

test("nothing that a user of the engine chose becomes an order of the script", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "by-hand-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const proof = join(directory, "proof");
  const order = `touch ${proof}`;
  const evil = `x'"$(${order})\nEND\n${order}\nINSIDE\n${order}\n`;
  const sample = sampleSpec();
  const spec = sampleSpec({
    hostname: evil,
    cgroup: { ...sample.cgroup, path: `/$(${order.replaceAll("/", "_")})/box` },
    mounts: [{ type: "tmpfs", target: `/${evil}`, options: [] }],
    sysctls: { "net.x": evil },
    process: sampleProcess({ argv: [evil], env: [`A=${evil}`], cwd: `/${evil}` }),
  });
  const script = byHand(compile(spec), { name: evil, cgroupPath: `/$(${order.replaceAll("/", "_")})/box` });
  // Every program but cat is a word that does nothing: only what the shell itself expands or takes for a line would happen.
  const words = ["mkdir", "rmdir", "rm", "mktemp", "unshare", "nsenter"].map((word) => `${word}() { :; }`).join("; ");
  const harmless = script
    .replace("work=$(mktemp -d)", `work=${directory}`)
    .replaceAll(/^echo .*> (?!"?\$work).*$/gm, ":");
  execFileSync("sh", { input: `${words}\n${harmless}`, stdio: ["pipe", "pipe", "inherit"] });
  assert.throws(() => readFileSync(proof), { code: "ENOENT" });
  // What perl reads: strings, and no code.
  execFileSync("perl", ["-c", join(directory, "become")], { stdio: ["ignore", "ignore", "pipe"] });
});
