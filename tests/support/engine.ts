/** A private engine for tests: its own socket, roots and bridge; everything is removed by stop(), also what tests forgot. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { command, type Outcome } from "./command.ts";
import { until } from "./until.ts";

export const projectRoot = resolve(import.meta.dirname, "../..");

export type TestEngine = {
  /** unix:///… */
  host: string;
  socket: string;
  directory: string;
  dataRoot: string;
  execRoot: string;
  bridge: string;
  readonly pid: number;
  /** The real docker CLI on this engine. */
  docker(...args: string[]): Promise<Outcome>;
  /** As docker, but throws unless the exit code is 0; returns stdout without the last newline. */
  ok(...args: string[]): Promise<string>;
  /** Our own CLI on this engine. */
  cloche(...args: string[]): Promise<Outcome>;
  /** What the engine has written to stderr so far. */
  log(): string;
  /** kill -9, as a crash. */
  crash(): Promise<void>;
  /** Start again on the same roots after crash() or a stop by signal. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * @param args more flags of `cloche engine`
 * @param through a program that execs the words it is given, and its own words
 */
export async function startEngine(args: string[] = [], through: string[] = []): Promise<TestEngine> {
  const directory = mkdtempSync(join(tmpdir(), "cloche-test-"));
  const socket = join(directory, "e.sock");
  const bridge = `clt${randomBytes(4).toString("hex")}`;
  const flags = [
    ["-H", `unix://${socket}`],
    ["--data-root", join(directory, "data")],
    ["--exec-root", join(directory, "exec")],
    ["--pidfile", join(directory, "pid")],
    ["--bridge", bridge],
    ["--registry-loopback-only"],
    args,
  ].flat();
  let output = "";
  let child: ChildProcess;

  async function launch(): Promise<void> {
    const [program = "", ...words] = [
      ...through,
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      // Where the machine is emulated, to read all the sources takes a minute: a bundle of them.
      process.env.CLOCHE_TEST_ENGINE ?? join(projectRoot, "src/main.ts"),
      ...flags,
    ];
    // What node has compiled is kept, as ./cloche does it: engines are started often here.
    const env = { NODE_COMPILE_CACHE: join(projectRoot, "dist/compile-cache"), ...process.env };
    child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env });
    child.stdout?.on("data", (data) => (output += data));
    child.stderr?.on("data", (data) => (output += data));
    await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the engine ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
        return await answers(socket);
      },
      { what: () => `the engine answers\n${output}`, seconds: 60 },
    );
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((done) => child.once("exit", () => done()));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(timer);
  }

  await launch();
  const host = `unix://${socket}`;
  const docker = (...words: string[]) =>
    command("docker", words, { env: { DOCKER_HOST: host, DOCKER_CONFIG: join(directory, "docker-config") } });
  const engine: TestEngine = {
    host,
    socket,
    directory,
    dataRoot: join(directory, "data"),
    execRoot: join(directory, "exec"),
    bridge,
    get pid() {
      return child.pid ?? 0;
    },
    docker,
    async ok(...words) {
      const outcome = await docker(...words);
      if (outcome.code !== 0)
        throw new Error(`docker ${words.join(" ")}: exit code ${outcome.code}\n${outcome.stderr}${outcome.stdout}`);
      return outcome.stdout.replace(/\n$/, "");
    },
    cloche: (...words) =>
      command(join(projectRoot, "cloche"), words, {
        env: { CLOCHE_HOST: host, CLOCHE_NODE: process.execPath, DOCKER_CONFIG: join(directory, "docker-config") },
      }),
    log: () => output,
    crash: () => end("SIGKILL"),
    restart: launch,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) await launch();
      const ids = (await docker("ps", "-aq", "--no-trunc")).stdout.split("\n").filter(Boolean);
      if (ids.length > 0) await docker("rm", "-f", "-v", ...ids);
      await docker("network", "prune", "-f");
      await end("SIGTERM");
      await command("ip", ["link", "del", bridge]);
      const table = await command("nft", ["delete", "table", "inet", `cloche_${bridge}`]);
      if (table.code === 0) console.error(`the engine on ${bridge} left its nft table:\n${output}`);
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return engine;
}

/** Text of a file of the host, "" if it is gone. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = createConnection(socket);
    connection.once("error", () => done(false));
    connection.once("connect", () => connection.write("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"));
    connection.once("data", (data) => {
      done(data.includes("200 OK"));
      connection.destroy();
    });
  });
}
