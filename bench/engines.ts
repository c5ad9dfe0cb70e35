/** dockerd and Cloche side by side, each on a private root, with the same busybox image. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxTar } from "../tests/support/busybox.ts";
import { removeCgroups } from "../tests/support/cgroups.ts";
import { command, type Outcome } from "../tests/support/command.ts";
import { projectRoot } from "../tests/support/engine.ts";
import { until } from "../tests/support/until.ts";

export type BenchEngine = {
  name: "dockerd" | "cloche";
  host: string;
  /** The root of its processes. */
  pid: number;
  /** A folder for files of a case. */
  scratch: string;
  /** The CLI; throws unless it ends with 0. */
  docker(...args: string[]): Promise<void>;
  /** Another program, with DOCKER_HOST set. */
  program(name: string, ...args: string[]): Promise<Outcome>;
  /** One request without any CLI; throws on a status from 400. */
  api(method: string, path: string, body?: object): Promise<string>;
  stop(): Promise<void>;
};

/** Long: 500 containers of dockerd are removed in this time too. */
const SECONDS = 900;
/** @throws when the program is missing or does not answer within 60 s */
export async function startBenchEngine(name: "dockerd" | "cloche"): Promise<BenchEngine> {
  const directory = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const host = `unix://${join(directory, "e.sock")}`;
  // Of its own: another bench may run on this machine. Room for 500 containers; all below 10/8, where tests have their networks too.
  const tag = randomBytes(3).toString("hex");
  const [bridge, cgroup, subnet] = [`bench${tag}`, `docker-bench-${tag}`, `10.${randomInt(100, 200)}`];
  if (name === "dockerd") await makeBridge(bridge, `${subnet}.0.1/16`);
  const program = words({ name, directory, bridge, cgroup, subnet });
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "TERM", ...program], { stdio: "ignore" });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: join(directory, "config") };
  mkdirSync(env.DOCKER_CONFIG);
  const agent = new Agent({ keepAlive: true });
  const engine: BenchEngine = {
    name,
    host,
    pid: child.pid ?? 0,
    scratch: directory,
    async docker(...args) {
      const { code, stderr } = await engine.program("docker", ...args);
      if (code !== 0) throw new Error(`${name}: docker ${args.join(" ")}: ${stderr}`);
    },
    program: (program, ...args) => command(program, args, { env, seconds: SECONDS }),
    api: (method, path, body) => ask({ agent, socket: join(directory, "e.sock"), method, path, body }),
    async stop() {
      agent.destroy();
      if (name === "cloche" && child.exitCode === null) {
        const { stdout } = await command("docker", ["ps", "-aq"], { env });
        const ids = stdout.split("\n").filter(Boolean);
        if (ids.length > 0) await command("docker", ["rm", "-f", "-v", ...ids], { env, seconds: SECONDS });
        await command("docker", ["network", "prune", "-f"], { env });
      }
      // dockerd's whole tree dies with the init of its PID namespace, and its mounts with the mount namespace.
      child.kill(name === "dockerd" ? "SIGKILL" : "SIGTERM");
      await ended;
      await command("ip", ["link", "del", bridge]);
      if (name === "cloche") await command("nft", ["delete", "table", "inet", `cloche_${bridge}`]);
      await until(() => removeCgroups(cgroup), { what: `the cgroups of ${name} are removed`, seconds: 60 });
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
  try {
    await until(async () => child.exitCode !== null || (await engine.program("docker", "version")).code === 0, {
      seconds: 60,
      what: `${name} answers`,
      every: 100,
    });
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    const imported = await command("docker", ["import", "-c", 'CMD ["sh"]', "-", "busybox"], {
      env,
      input: await busyboxTar(),
    });
    if (imported.code !== 0) throw new Error(`${name}: docker import: ${imported.stderr}`);
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

type Words = { name: BenchEngine["name"]; directory: string; bridge: string; cgroup: string; subnet: string };

function words({ name, directory, bridge, cgroup, subnet }: Words): string[] {
  const roots = [
    ["-H", `unix://${join(directory, "e.sock")}`],
    ["--data-root", join(directory, "data"), "--exec-root", join(directory, "exec")],
    ["--pidfile", join(directory, "pid"), "--bridge", bridge, "--cgroup-parent", `/${cgroup}`],
  ].flat();
  if (name === "cloche") {
    const own = ["--bip", `${subnet}.0.1/16`, "--registry-loopback-only", "--log-level", "error"];
    return [join(projectRoot, "cloche"), "engine", ...roots, ...own];
  }
  writeFileSync(join(directory, "daemon.json"), "{}"); // instead of this machine's
  // Its own PID and mount namespace, so that nothing outlives it; the host's network, which is what is measured.
  return [
    ...["unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"],
    ...["sh", "-c", '"$0" "$@" & wait $!', "dockerd", ...roots],
    ...["--iptables=false", "--ip6tables=false", "--default-address-pool", "base=10.99.0.0/16,size=24"],
    ...["--config-file", join(directory, "daemon.json"), "--log-level", "fatal"],
  ];
}

/** dockerd makes only docker0 itself. */
async function makeBridge(name: string, address: string): Promise<void> {
  await command("ip", ["link", "add", name, "type", "bridge"]);
  await command("ip", ["addr", "add", address, "dev", name]);
  await command("ip", ["link", "set", name, "up"]);
}

type Ask = { agent: Agent; socket: string; method: string; path: string; body: object | undefined };

function ask({ agent, socket, method, path, body }: Ask): Promise<string> {
  return new Promise((done, fail) => {
    const headers = body ? { "Content-Type": "application/json" } : {};
    const sent = request({ agent, socketPath: socket, method, path: `/v1.41${path}`, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if ((answer.statusCode ?? 500) < 400) done(text);
        else fail(new Error(`${method} ${path}: ${text}`));
      });
    });
    sent.once("error", fail);
    sent.end(body && JSON.stringify(body));
  });
}
