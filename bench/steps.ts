/**
 * Where the time of one `docker run --rm` and one `docker exec` goes, step by step, without the CLI: its requests over the
 * engine's socket, in its order. Several engines are driven in turns, so that a noisy machine is equally noisy for all.
 *   node bench/steps.ts [--rounds N] [--network NAME] [--exec] NAME=SOCKET...
 * Prints the medians in milliseconds; "cpu" is what all threads of the engine used for one round.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "50" },
    network: { type: "string", default: "none" },
    exec: { type: "boolean", default: false },
  },
});

type Times = Record<string, number>;
type Engine = { name: string; socket: string; agent: Agent; pid: number; rounds: Times[] };

const engines = await Promise.all(positionals.map(engineAt));
const container = new Map<Engine, string>();
if (values.exec) {
  for (const engine of engines) {
    const { Id } = await json(engine, "POST", "/containers/create", body(["sleep", "1000"], false));
    await finished(await send(engine, "POST", `/containers/${Id}/start`));
    container.set(engine, Id);
  }
}
for (let round = -5; round < Number(values.rounds); round++) {
  for (const engine of engines) {
    const cpu = cpuOf(engine.pid);
    const times = values.exec ? await exec(engine, container.get(engine) ?? "") : await run(engine);
    times.cpu = cpuOf(engine.pid) - cpu;
    if (round >= 0) engine.rounds.push(times);
  }
}
for (const [engine, id] of container) await finished(await send(engine, "DELETE", `/containers/${id}?force=1`));
print();

/** What `docker run --rm IMAGE true` does. */
async function run(engine: Engine): Promise<Times> {
  const clock = stopwatch();
  const { Id } = await json(engine, "POST", "/containers/create", body(["true"], true));
  clock("create");
  const attached = await upgrade(engine, `/containers/${Id}/attach?stderr=1&stdout=1&stream=1`);
  const closed = new Promise<void>((done) => attached.once("close", () => done()));
  clock("attach");
  const waiting = await send(engine, "POST", `/containers/${Id}/wait?condition=removed`);
  clock("wait's headers");
  await finished(await send(engine, "POST", `/containers/${Id}/start`));
  clock("start");
  await Promise.all([closed.then(() => clock("attach ends")), finished(waiting).then(() => clock("wait ends"))]);
  return clock.times();
}

/** What `docker exec NAME true` does. */
async function exec(engine: Engine, id: string): Promise<Times> {
  const clock = stopwatch();
  await json(engine, "GET", `/containers/${id}/json`);
  clock("inspect");
  const { Id } = await json(engine, "POST", `/containers/${id}/exec`, {
    AttachStdout: true,
    AttachStderr: true,
    Cmd: ["true"],
  });
  clock("create");
  const attached = await upgrade(engine, `/exec/${Id}/start`, { Detach: false, Tty: false });
  clock("start");
  await new Promise((done) => attached.once("close", done));
  clock("stream ends");
  await json(engine, "GET", `/exec/${Id}/json`);
  clock("inspect exec");
  return clock.times();
}

function body(command: string[], autoRemove: boolean) {
  return {
    Image: "busybox",
    Cmd: command,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { NetworkMode: values.network, AutoRemove: autoRemove },
  };
}

function stopwatch() {
  const times: Times = {};
  const began = performance.now();
  let last = began;
  const clock = (name: string) => {
    const now = performance.now();
    times[name] = now - last;
    last = now;
  };
  clock.times = () => ({ ...times, total: last - began });
  return clock;
}

function send(engine: Engine, method: string, path: string, content?: object): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const headers = content ? { "Content-Type": "application/json" } : {};
    const sent = request({ socketPath: engine.socket, agent: engine.agent, method, path, headers }, done);
    sent.once("error", fail);
    sent.end(content && JSON.stringify(content));
  });
}

async function finished(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response) text += chunk;
  if ((response.statusCode ?? 500) >= 300) throw new Error(`${response.statusCode}: ${text}`);
  return text;
}

async function json(engine: Engine, method: string, path: string, content?: object) {
  return JSON.parse(await finished(await send(engine, method, path, content)));
}

function upgrade(engine: Engine, path: string, content: object = {}): Promise<Socket> {
  return new Promise((done, fail) => {
    const headers = { Connection: "Upgrade", Upgrade: "tcp", "Content-Type": "application/json" };
    const sent = request({ socketPath: engine.socket, method: "POST", path, headers });
    sent.once("error", fail);
    sent.once("upgrade", (_response, socket) => {
      socket.resume();
      done(socket);
    });
    sent.end(JSON.stringify(content));
  });
}

async function engineAt(word: string): Promise<Engine> {
  const [name = "", socket = ""] = word.split("=");
  const engine = { name, socket, agent: new Agent({ keepAlive: true }), pid: listenerOf(socket), rounds: [] };
  await finished(await send(engine, "GET", "/_ping"));
  return engine;
}

/** The process whose arguments name the socket; 0 if there is none, then no CPU time is shown. */
function listenerOf(socket: string): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return Number(pids.find((pid) => read(`/proc/${pid}/cmdline`).includes(`unix://${socket}`)) ?? 0);
}

/** Milliseconds on a CPU of all threads that live: schedstat counts nanoseconds. */
function cpuOf(pid: number): number {
  if (pid === 0) return 0;
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) => read(`/proc/${pid}/task/${task}/schedstat`));
  return tasks.reduce((sum, text) => sum + Number(text.split(" ")[0] ?? 0), 0) / 1e6;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function print(): void {
  const names = [...new Set(engines.flatMap(({ rounds }) => Object.keys(rounds[0] ?? {})))];
  console.log("".padEnd(16) + engines.map(({ name }) => name.padStart(22)).join(""));
  for (const name of names) {
    const cells = engines.map(({ rounds }) => {
      const sorted = rounds.map((times) => times[name] ?? 0).sort((a, b) => a - b);
      const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
      return `${at(0.5)} (${at(0.1)}-${at(0.9)})`.padStart(22);
    });
    console.log(name.padEnd(16) + cells.join(""));
  }
}
