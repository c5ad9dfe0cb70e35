/** Carries compiled plans out: a container on an overlay over busybox, in a cgroup of its own. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { createCgroups } from "../../src/host/cgroup/index.ts";
import { compile } from "../../src/isolation/compile.ts";
import { compileExec } from "../../src/isolation/compile-exec.ts";
import type { Plan } from "../../src/isolation/plan.ts";
import { sampleExec, sampleProcess, sampleSpec } from "../../src/isolation/sample-spec.ts";
import type { IsolationSpec, ProcessRef, ProcessSpec } from "../../src/isolation/spec.ts";
import { parseMountInfo } from "../../src/kernel/proc-mountinfo.ts";
import { type Frame, frames, launch, makeRoot, output, type Run, scratch } from "../native/harness.ts";

/** Each test file is a process, and removes its own. */
const parent = `/docker-test-isolation-${process.pid}`;
const cgroups = await createCgroups();
after(() => cgroups.remove(parent));
/** What still runs in a cgroup of ours: it must be dead before the cgroup can go. */
const running = new Map<string, Running[]>();

/** A spec that can be carried out here; all that it needs goes with the test. @param changes whole fields over the sample */
export async function realSpec(test: TestContext, changes: Partial<IsolationSpec> = {}): Promise<IsolationSpec> {
  const base = scratch(test);
  makeRoot(base);
  for (const name of ["upper", "work", "merged"]) mkdirSync(join(base, name));
  const path = `${parent}/${randomBytes(6).toString("hex")}`;
  running.set(path, []);
  test.after(async () => {
    for (const box of running.get(path) ?? []) await end(box);
    await cgroups.remove(path);
  });
  await cgroups.prepare(path);
  return sampleSpec({
    rootfs: {
      source: { type: "overlay", base, lowers: ["root"], upper: "upper", work: "work", volatile: false },
      mountpoint: join(base, "merged"),
      readonly: false,
    },
    cgroup: { ...sampleSpec().cgroup, layout: cgroups.layout, path },
    monitor: { socket: "", exitRecord: "", log: null, attached: true },
    ...changes,
  });
}

export type Ended = { stdout: string; stderr: string; exitCode: number | undefined; events: Awaited<Run["events"]> };

/** Run a shell script in it until it ends. */
export async function runScript(
  spec: IsolationSpec,
  script: string,
  process: Partial<ProcessSpec> = {},
): Promise<Ended> {
  const argv = ["sh", "-c", script];
  return ended(compile({ ...spec, process: { ...spec.process, ...process, argv } }));
}

async function ended(plan: Plan): Promise<Ended> {
  const run = launch(plan);
  const [events, all]: [Ended["events"], Frame[]] = await Promise.all([run.events, frames(run.channel)]);
  const exit = events.findLast((event) => event.event === "exit");
  return {
    stdout: output(all),
    stderr: output(all, 2),
    exitCode: typeof exit?.exitCode === "number" ? exit.exitCode : undefined,
    events,
  };
}

export type Running = {
  process: ProcessRef;
  run: Run;
  /** A file of the first process in the host's /proc. */
  proc(name: string): string;
  namespace(name: string): string;
  mounts(): ReturnType<typeof parseMountInfo>;
  exec(script: string, changes?: Partial<ProcessSpec>): Promise<Ended>;
};

/** Start it with a process that stays until the test that made the spec is over. */
export async function startContainer(spec: IsolationSpec, changes: Partial<ProcessSpec> = {}): Promise<Running> {
  const run = launch(compile({ ...spec, process: { ...spec.process, argv: ["sleep", "600"], ...changes } }));
  const started = await run.event("started");
  if (!started) throw new Error(JSON.stringify(await run.events));
  const process: ProcessRef = { pid: Number(started.pid), startTime: Number(started.startTime) };
  const { namespaces } = spec;
  const joins = (own: unknown) => own !== "host";
  const box: Running = {
    process,
    run,
    proc: (name) => readFileSync(`/proc/${process.pid}/${name}`, "utf8"),
    namespace: (name) => readlinkSync(`/proc/${process.pid}/ns/${name}`),
    mounts: () => mountsOf(process.pid),
    exec: (script, more = {}) =>
      ended(
        compileExec(
          sampleExec({
            target: process,
            namespaces: {
              pid: joins(namespaces.pid),
              mnt: true,
              uts: joins(namespaces.uts),
              ipc: joins(namespaces.ipc),
              net: joins(namespaces.net),
              cgroup: namespaces.cgroup === "new",
              user: namespaces.user !== undefined,
            },
            cgroup: spec.cgroup,
            process: sampleProcess({ argv: ["sh", "-c", script], ...more }),
            monitor: { socket: "", exitRecord: "", log: null, attached: true },
          }),
        ),
      ),
  };
  running.get(spec.cgroup.path)?.push(box);
  return box;
}

/** Without what a kernel's build adds on its own (CONFIG_TMPFS_INODE64). */
function mountsOf(pid: number): ReturnType<typeof parseMountInfo> {
  return parseMountInfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8")).map((mount) => ({
    ...mount,
    superOptions: mount.superOptions.filter((option) => option !== "inode64"),
  }));
}

async function end({ process, run }: Running): Promise<void> {
  try {
    globalThis.process.kill(process.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
  // Nobody reads its output any more; the channel's end lets the monitor go.
  run.channel.destroy();
  await run.status;
}

/** "Cap.*" lines of /proc/PID/status and such, by name. */
export function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
}
