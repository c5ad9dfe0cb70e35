/** Without dockerd: the launcher alone against runc, our client against a Node that does nothing. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
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

export const duels: Duel[] = [launcherAgainstRunc(), clientAgainstNode()];

/** Both make the same namespaces (a network without anything among them), mounts, devices and capabilities over the same root. */
function launcherAgainstRunc(): Duel {
  let directory = "";
  let cgroups: Awaited<ReturnType<typeof createCgroups>> | undefined;
  let plan: Uint8Array;
  return {
    name: "launcher alone",
    other: "runc run",
    aim: 5,
    runs: 15,
    skip: async () =>
      (await command("runc", ["--version"]).catch(() => ({ code: 1 }))).code !== 0 && "runc is not installed",
    async before() {
      directory = mkdtempSync(join(tmpdir(), "bench-launcher-"));
      for (const name of ["rootfs", "upper", "work", "merged"]) mkdirSync(join(directory, name));
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
      const made = compile({
        ...sample,
        rootfs: {
          source: {
            type: "overlay",
            base: directory,
            lowers: ["rootfs"],
            upper: "upper",
            work: "work",
            volatile: false,
          },
          mountpoint: join(directory, "merged"),
          readonly: false,
        },
        cgroup: { ...sample.cgroup, layout: cgroups.layout, path: `${PARENT}/ours` },
        process: sampleProcess({ argv: ["true"] }),
        monitor: { socket: "", exitRecord: "", log: null, attached: true },
      });
      plan = encodePlan(made);
    },
    ours: () => runPlan(plan),
    theirs: () => run("runc", ["run", "--bundle", directory, "bench-runc"]),
    async after() {
      await cgroups?.remove(PARENT);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** From its start to its end: the container has run, and its cgroup is gone. */
function runPlan(plan: Uint8Array): Promise<void> {
  const child = spawn(launcher, { env: {}, stdio: ["ignore", "ignore", "inherit", "pipe", "pipe", "pipe"] });
  const [, , , down, up, channel] = child.stdio as unknown as [0, 0, 0, Writable, Readable, Readable];
  let events = "";
  up.on("data", (chunk) => (events += chunk));
  channel.resume();
  down.end(plan);
  return ended(child, () => (/"event":"exit".*"exitCode":0/.test(events) ? undefined : events));
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
  return ended(child, (code) => (code === 0 ? undefined : `${program} ended with ${code}`));
}

function ended(child: ReturnType<typeof spawn>, complaint: (code: number | null) => string | undefined): Promise<void> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      const text = complaint(code);
      if (text === undefined) done();
      else fail(new Error(text));
    });
  });
}
