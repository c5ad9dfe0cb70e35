/** dockerd and Cloche side by side, each on a private root, with the same busybox image. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxTar } from "../tests/support/busybox.ts";
import { command } from "../tests/support/command.ts";
import { projectRoot } from "../tests/support/engine.ts";
import { until } from "../tests/support/until.ts";

export type BenchEngine = {
  name: "dockerd" | "cloche";
  host: string;
  pid: number;
  docker(...args: string[]): Promise<void>;
  stop(): Promise<void>;
};

const BIP = { dockerd: "10.213.0.1/16", cloche: "10.214.0.1/16" };

/** @throws when the program is missing or does not answer within 60 s */
export async function startBenchEngine(name: "dockerd" | "cloche"): Promise<BenchEngine> {
  const directory = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  const host = `unix://${join(directory, "e.sock")}`;
  const bridge = `bench-${name}`;
  if (name === "dockerd") {
    await command("ip", ["link", "add", bridge, "type", "bridge"]);
    await command("ip", ["addr", "add", BIP.dockerd, "dev", bridge]);
    await command("ip", ["link", "set", bridge, "up"]);
  }
  const roots = [
    "-H",
    host,
    "--data-root",
    join(directory, "data"),
    "--exec-root",
    join(directory, "exec"),
    "--pidfile",
    join(directory, "pid"),
  ];
  const words =
    name === "dockerd"
      ? ["dockerd", ...roots, "--bridge", bridge, "--iptables=false", "--ip6tables=false", "--log-level", "fatal"]
      : [
          process.execPath,
          "--disable-warning=ExperimentalWarning",
          join(projectRoot, "src/main.ts"),
          ...roots,
          "--bridge",
          bridge,
          "--bip",
          BIP.cloche,
          "--registry-loopback-only",
          "--log-level",
          "error",
        ];
  const child: ChildProcess = spawn(words[0] ?? "", words.slice(1), { stdio: "ignore" });
  const config = join(directory, "config");
  mkdirSync(config);
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: config };
  await until(async () => (await command("docker", ["version"], { env })).code === 0, {
    seconds: 60,
    what: `${name} answers`,
    every: 100,
  });
  const imported = await command("docker", ["import", "-c", 'CMD ["sh"]', "-", "busybox"], {
    env,
    input: await busyboxTar(),
  });
  if (imported.code !== 0) throw new Error(`${name}: docker import: ${imported.stderr}`);
  return {
    name,
    host,
    pid: child.pid ?? 0,
    async docker(...args) {
      const outcome = await command("docker", args, { env, seconds: 300 });
      if (outcome.code !== 0) throw new Error(`${name}: docker ${args.join(" ")}: ${outcome.stderr}`);
    },
    async stop() {
      const ids = (await command("docker", ["ps", "-aq"], { env })).stdout.split("\n").filter(Boolean);
      if (ids.length > 0) await command("docker", ["rm", "-f", ...ids], { env, seconds: 300 });
      const ended = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill("SIGTERM");
      await ended;
      await command("ip", ["link", "del", bridge]);
      // dockerd leaves its network namespace's mount behind.
      await command("sh", ["-c", `grep -o '${directory}[^ ]*' /proc/self/mountinfo | sort -r | xargs -r umount`]);
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
