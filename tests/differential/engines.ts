/** Both engines, each private: dockerd in namespaces of its own, so that nothing of it can outlive the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxTar } from "../support/busybox.ts";
import { removeCgroups } from "../support/cgroups.ts";
import { command, type Outcome } from "../support/command.ts";
import { startEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

/** The version that Debian's dockerd speaks: the CLI asks both for the same. */
const API_VERSION = "1.41";
/** The address of dockerd's default bridge; both are in a network namespace of their own. */
const BIP = "172.17.0.1/16";
const CGROUP_PARENT = "docker-test-differential";

export type ComparedEngine = {
  /** One step: `sh -c LINE`, where docker, $SOCK and the functions of prelude.sh mean this engine and $T is a folder of its own. */
  run(line: string): Promise<Outcome>;
  /** Texts that only this engine has, and their names in the comparison. */
  places: Record<string, string>;
  stop(): Promise<void>;
};

export async function startCloche(): Promise<ComparedEngine> {
  const engine = await startEngine([
    ...["--bip", BIP, "--cgroup-driver", "cgroupfs"],
    ...["--cgroup-parent", `/${CGROUP_PARENT}-cloche`],
  ]);
  const made = await comparedEngine(engine.socket, engine.directory);
  made.places[engine.bridge] = "<bridge>";
  return {
    ...made,
    async stop() {
      await engine.stop();
      removeCgroups(`${CGROUP_PARENT}-cloche`);
    },
  };
}

/**
 * dockerd below an init of its own in a PID, mount and network namespace: when the init is killed, so are dockerd, containerd
 * and all containers, and their mounts, links and rules are gone with the namespaces; it is killed too when the test process
 * is. There is no way out to any registry.
 */
export async function startDockerd(): Promise<ComparedEngine> {
  const directory = mkdtempSync(join(tmpdir(), "cloche-dockerd-"));
  const socket = join(directory, "e.sock");
  writeFileSync(join(directory, "daemon.json"), "{}"); // instead of this machine's
  const words = [
    [
      "dockerd",
      "-H",
      `unix://${socket}`,
      "--data-root",
      join(directory, "data"),
      "--exec-root",
      join(directory, "exec"),
    ],
    ["--pidfile", join(directory, "pid"), "--bip", BIP, "--cgroup-parent", `/${CGROUP_PARENT}-dockerd`],
    ["--config-file", join(directory, "daemon.json"), "--log-level", "error"],
  ].flat();
  const flags = ["--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc"];
  const init = 'ip link set lo up; "$0" "$@" & wait $!';
  const child: ChildProcess = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", ...flags, "sh", "-c", init, ...words],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let output = "";
  child.stderr?.on("data", (data) => (output += data));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));

  async function stop(): Promise<void> {
    child.kill("SIGKILL"); // unshare(1) heeds no other signal; its child, the init of the namespaces, dies with it
    await ended;
    await until(() => removeCgroups(`${CGROUP_PARENT}-dockerd`), { what: "the cgroups of dockerd are removed" });
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  try {
    const env = { DOCKER_HOST: `unix://${socket}` };
    await until(async () => child.exitCode !== null || (await command("docker", ["version"], { env })).code === 0, {
      what: () => `dockerd answers\n${output}`,
      seconds: 60,
      every: 200,
    });
    if (child.exitCode !== null) throw new Error(`dockerd ended with ${child.exitCode}\n${output}`);
    return { ...(await comparedEngine(socket, directory)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const prelude = readFileSync(join(import.meta.dirname, "prelude.sh"), "utf8");

async function comparedEngine(socket: string, directory: string): Promise<ComparedEngine> {
  const scratch = join(directory, "scratch");
  mkdirSync(scratch);
  const env = {
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: join(directory, "docker-config"),
    DOCKER_API_VERSION: API_VERSION,
    ...{ SOCK: socket, T: scratch, TERM: "xterm", LC_ALL: "C" },
  };
  const run = (line: string, input?: Buffer) =>
    command("sh", ["-c", `${prelude}\n${line}`], {
      env,
      cwd: scratch,
      seconds: 30,
      ...(input === undefined ? {} : { input }),
    });
  const imported = await run(
    `docker import -c 'CMD ["sh"]' -c "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" - busybox`,
    await busyboxTar(),
  );
  if (imported.code !== 0) throw new Error(`docker import: ${imported.stderr}`);
  return {
    run: (line) => run(line),
    places: {
      [scratch]: "$T",
      [socket]: "$SOCK",
      [join(directory, "data")]: "<data-root>",
      [join(directory, "exec")]: "<exec-root>",
      docker0: "<bridge>",
    },
    stop: async () => {},
  };
}
