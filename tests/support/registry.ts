/** Debian's docker-registry on a free port of loopback, with a temporary root. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const BINARY = "/usr/bin/docker-registry";

export type TestRegistry = {
  /** 127.0.0.1:port */
  host: string;
  /** what it stores, for tests that damage it */
  root: string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A reason to skip, or undefined: `test(name, { skip: registrySkip }, …)`. */
export const registrySkip = existsSync(BINARY) ? false : "docker-registry is not installed";

export async function startRegistry(): Promise<TestRegistry> {
  const root = mkdtempSync(join(tmpdir(), "cloche-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(root, "config.yml");
  writeFileSync(
    config,
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${root} }, delete: { enabled: true } }
http: { addr: "${host}" }
`,
  );
  const child = spawn(BINARY, ["serve", config], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(root, { recursive: true, force: true });
  };
  const deadline = Date.now() + 20_000;
  while (!(await answers(host))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error("docker-registry did not start");
    }
    await delay(50);
  }
  return { host, root, [Symbol.asyncDispose]: stop };
}

async function answers(host: string): Promise<boolean> {
  try {
    return (await fetch(`http://${host}/v2/`)).ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
