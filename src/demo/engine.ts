/** The demo's private engine: roots, socket and bridge of its own, all removed at the end. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execute } from "./narrator.ts";

export type DemoEngine = {
  /** unix:///… */
  host: string;
  /** GET a path of the API and decode the JSON. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
};

const main = join(import.meta.dirname, "../main.ts");

/**
 * @param flags more flags of `cloche engine`
 * @throws if it does not answer within 3 minutes (an emulated machine is slow), with what it printed
 */
export async function startDemoEngine(flags: string[]): Promise<DemoEngine> {
  const directory = mkdtempSync(join(tmpdir(), "cloche-demo-"));
  const socket = join(directory, "cloche.sock");
  const bridge = `cld${randomBytes(4).toString("hex")}`;
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      main,
      "-H",
      `unix://${socket}`,
      "--data-root",
      join(directory, "data"),
      "--exec-root",
      join(directory, "exec"),
      "--bridge",
      bridge,
      ...flags,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const get = (path: string) => getJson(socket, path);
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(timer);
    }
    await execute(["ip", "link", "del", bridge]).catch(() => undefined);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  for (let waited = 0; ; waited += 50) {
    try {
      await get("/version");
      return { host: `unix://${socket}`, get, stop };
    } catch (error) {
      if (child.exitCode === null && child.signalCode === null && waited < 180_000) {
        await delay(50);
        continue;
      }
      await stop();
      throw new Error(`the engine does not start (${(error as Error).message}):\n${output}`);
    }
  }
}

function getJson(socketPath: string, path: string): Promise<unknown> {
  return new Promise((done, fail) => {
    const outgoing = request({ socketPath, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        try {
          done(JSON.parse(text));
        } catch {
          fail(new Error(`GET ${path}: status ${response.statusCode}, not JSON: ${text.slice(0, 200)}`));
        }
      });
    });
    outgoing.once("error", fail);
    outgoing.end();
  });
}
