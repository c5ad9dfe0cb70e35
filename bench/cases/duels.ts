/** Without dockerd: the launcher alone against runc, our client against a Node that does nothing. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCgroups } from "../../src/host/cgroup/index.ts";
import { compile } from "../../src/isolation/compile.ts";
import { encodePlan } from "../../src/isolation/encode.ts";
import { sampleProcess, sampleSpec } from "../../src/isolation/sample-spec.ts";
import { busyboxTar } from "../../tests/support/busybox.ts";
import { command } from "../../tests/support/command.ts";
import { projectRoot } from "../../tests/support/engine.ts";
import type { Duel } from "../case.ts";
import { type BenchEngine, startBenchEngine } from "../engines.ts";

const PARENT = "/docker-bench-launcher";
const launcher = join(projectRoot, "native/build/launcher");
/** Runs of the launcher that are timed as one. */
const LOOP = 20;

export const duels: Duel[] = [launcherAgainstRunc(), clientAgainstNode()];

/**
 * Both make the same namespaces (a network without anything among them), mounts, devices and capabilities over the same directory.
 * Each is run by a shell that does nothing else, as a fork of Node takes several milliseconds itself.
 */
function launcherAgainstRunc(): Duel {
  let directory = "";
  let cgroups: Awaited<ReturnType<typeof createCgroups>> | undefined;
  const times = (line: string) =>
    run("sh", ["-ec", `cd "$0"; n=0; while [ $n -lt ${LOOP} ]; do ${line}; n=$((n + 1)); done`, directory]);
  return {
    name: "launcher alone",
    other: "runc run",
    aim: 5,
    runs: 5,
    each: LOOP,
    skip: async () =>
      (await command("runc", ["--version"]).catch(() => ({ code: 1 }))).code !== 0 && "runc is not installed",
    async before() {
      directory = mkdtempSync(join(tmpdir(), "bench-launcher-"));
      for (const name of ["rootfs", "merged"]) mkdirSync(join(directory, name));
      execFileSync("tar", ["-x", "-C", join(directory, "rootfs")], { input: await busyboxTar() });
      execFileSync("runc", ["spec"], { cwd: directory });
      const config = JSON.parse(readFileSync(join(directory, "config.json"), "utf8"));
      Object.assign(config.process, { args: ["true"], terminal: false });
      Object.assign(config.root, { readonly: false });
      config.linux.cgroupsPath = `${PARENT}/runc`;
      writeFileSync(join(directory, "config.json"), JSON.stringify(config));
      cgroups = await createCgroups();
      await cgroups.prepare(`${PARENT}/ours`);
      const sample = sampleSpec();
      const plan = compile({
        ...sample,
        rootfs: {
          source: { type: "directory", path: join(directory, "rootfs") },
          mountpoint: join(directory, "merged"),
          readonly: false,
        },
        cgroup: { ...sample.cgroup, layout: cgroups.layout, path: `${PARENT}/ours` },
        process: sampleProcess({ argv: ["true"] }),
        monitor: { socket: "", exitRecord: "", log: null, attached: false },
      });
      writeFileSync(join(directory, "plan"), encodePlan(plan));
    },
    ours: () => times(`${launcher} 3<plan 4>events 5</dev/null </dev/null; grep -q '"exitCode":0' events`),
    theirs: () => times("runc run bench-runc </dev/null"),
    async after() {
      await cgroups?.remove(PARENT);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function clientAgainstNode(): Duel {
  let engine: BenchEngine;
  return {
    name: "own client's ps",
    other: "node -e 0",
    aim: 1 / 1.6,
    runs: 21,
    async before() {
      engine = await startBenchEngine("cloche");
    },
    ours: () => run(join(projectRoot, "cloche"), ["-H", engine.host, "ps"], { CLOCHE_NODE: process.execPath }),
    theirs: () => run(process.execPath, ["-e", "0"]),
    after: async () => engine?.stop(),
  };
}

function run(program: string, words: string[], env: Record<string, string> = {}): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      if (code === 0) done();
      else fail(new Error(`${program} ended with ${code}`));
    });
  });
}
