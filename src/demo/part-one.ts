/** Part one of the seed: what process ids look like inside and outside of a PID namespace. */
import { commandLine, isGone, namespacePids } from "./kernel.ts";
import { AT_ONCE, eventually, inspectState, rows, type Scene } from "./scene.ts";

export async function exploringThePidNamespace(scene: Scene): Promise<void> {
  const { demo, docker, engine, images, target } = scene;
  demo.heading("Exploring the PID Kernel Namespace");

  demo.say("\n1. Start a simple container we can explore:");
  const started = await docker(["container", "run", "-d", "--name", "pinger", images.centos, "ping", target]);
  const id = started.stdout.trim();
  demo.check(
    "run -d prints the container's id and returns",
    started.code === 0 && /^[0-9a-f]{64}$/.test(id),
    `exit code ${started.code}`,
  );
  const { Pid: hostPid } = await inspectState(engine, "pinger");
  // kill(2) with 0 or -1 would mean whole groups of other processes.
  if (!(hostPid > 1)) throw new Error(`the container has no process: ${started.stderr}`);
  demo.check(
    "the ping runs",
    commandLine(hostPid) === `ping ${target}`,
    `/proc/${hostPid}/cmdline: ${commandLine(hostPid)}`,
  );

  demo.say("\n2. Launch a child process inside the container's namespaces:");
  const inside = rows((await docker(["container", "exec", "pinger", "ps", "-aux"])).stdout);
  const seen = inside.map((row) => `${row[1]} ${row.at(-1)}`);
  demo.check("inside, ping is PID 1", seen.includes(`1 ping ${target}`), seen.join(", "));
  demo.check(
    "inside, nothing of the host is seen but ps itself",
    inside.length === 2 && inside.some((row) => row.at(-1) === "ps -aux"),
    `${inside.length} processes`,
  );

  demo.say("\n3. Run the same ps directly on the host, and search for the ping process:");
  const outside = await demo.run(["ps", "-aux"], {
    shown: "ps -aux | grep ping",
    show: (text) => pick(text, /\bping\b/),
  });
  const row = rows(outside.stdout).find((fields) => Number(fields[1]) === hostPid);
  demo.check(
    "outside, the same ping has another PID",
    row?.at(-1) === `ping ${target}` && hostPid !== 1,
    `host PID ${hostPid}`,
  );
  const chain = namespacePids(hostPid);
  demo.check(
    "NSpid in /proc/PID/status ties the two",
    chain[0] === hostPid && chain.at(-1) === 1,
    `NSpid: ${chain.join(" ")}`,
  );

  demo.say("\n4. List the containers, kill the ping by its host PID, list again:");
  const before = await docker(["container", "ls"]);
  demo.check(
    "container ls shows pinger as Up",
    /pinger/.test(before.stdout) && /Up /.test(before.stdout),
    id.slice(0, 12),
  );
  await demo.run(["kill", "-9", String(hostPid)], { shown: `sudo kill -9 ${hostPid}` });
  await eventually(() => isGone(hostPid), 5);
  const death = performance.now();
  const empty = await eventually(async () => ((await engine.get("/containers/json")) as unknown[]).length === 0, 5);
  const after = performance.now() - death;
  demo.check(
    `the container has stopped within ${AT_ONCE} ms of the death`,
    empty && after <= AT_ONCE,
    `${after.toFixed(0)} ms`,
  );
  await docker(["container", "ls"]);
  const all = await docker(["container", "ls", "-a"]);
  demo.check("ls -a shows Exited (137)", /Exited \(137\)/.test(all.stdout), "128 + signal 9");
  await docker(["container", "rm", "pinger"]);
  demo.say("\nAll a running container is is its PID 1 process, and the kernel tooling that isolates it from the host.");
}

/** Lines of a ps listing that match, with the title line. */
export function pick(text: string, pattern: RegExp): string {
  const [title = "", ...lines] = text.split("\n");
  return [title, ...lines.filter((line) => pattern.test(line))].join("\n");
}
