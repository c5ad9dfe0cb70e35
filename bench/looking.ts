/**
 * What looking costs: CPU time of the engine, in percent of one CPU, with many containers that run.
 *   sh scripts/with-node bench/looking.ts [CONTAINERS] [SECONDS]
 * Stages: nobody looks; the sampler (one listener of samples); each further topic alone; a page that listens to all at once.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ask } from "../tests/glass/ask.ts";
import { openStream } from "../tests/glass/event-stream.ts";
import { importBusybox } from "../tests/support/busybox.ts";
import { startEngine } from "../tests/support/engine.ts";

const count = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 20);

const engine = await startEngine(["--log-level", "error"]);
const { socket } = engine;
try {
  await importBusybox(engine);
  for (let started = 0; started < count; started += 4)
    await Promise.all(
      Array.from({ length: Math.min(4, count - started) }, (_, index) => start(`look${started + index}`)),
    );
  console.log(`${count} containers, ${seconds} s each; percent of one CPU`);
  await delay(3000);
  console.log(line("nobody looks", await measure()));
  for (const [name, topics] of [
    ["the sampler: samples", "samples"],
    ["samples, containers, events, oom", "samples,containers,events,oom"],
    ["samples, map of one", "samples,map:look0"],
    ["samples, processes", "samples,processes"],
    ["samples, cgroups", "samples,cgroups"],
    ["a page: everything", "samples,containers,events,oom,map:look0,processes,cgroups"],
  ] as const) {
    const stream = await openStream(socket, topics);
    await delay(2000);
    const bytes = stream.raw().length;
    const used = await measure();
    console.log(line(name, used), `${Math.round((stream.raw().length - bytes) / seconds / 1000)} kB/s`);
    stream.close();
    await delay(500);
  }
} finally {
  await engine.stop();
}

async function start(name: string): Promise<void> {
  const body = { Image: "busybox", Cmd: ["sleep", "3600"], HostConfig: { Memory: 64 * 1024 * 1024 } };
  const { status: created, body: answer } = await ask(socket, "POST", `/containers/create?name=${name}`, body);
  if (created !== 201) throw new Error(`create: ${JSON.stringify(answer)}`);
  await engine.ok("start", name);
}

/** Percent of one CPU that the engine's own process uses. */
async function measure(): Promise<number> {
  const before = ticks();
  const began = performance.now();
  await delay(seconds * 1000);
  return ((ticks() - before) * 1000) / (performance.now() - began);
}

/** utime + stime of proc_pid_stat(5), hundredths of a second. */
function ticks(): number {
  const fields = readFileSync(`/proc/${engine.pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function line(name: string, percent: number): string {
  return `${name.padEnd(40)} ${percent.toFixed(2)} %`;
}
