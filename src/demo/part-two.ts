/** Part two of the seed: control group limits on CPU and memory. */
import { cpus, totalmem } from "node:os";
import { cgroupLines, childrenOf, measureCpu } from "./kernel.ts";
import { pick } from "./part-one.ts";
import { AT_ONCE, eventually, inspectState, rows, type Scene } from "./scene.ts";

const TOP_COLUMNS = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];

export async function imposingResourceLimits(scene: Scene): Promise<void> {
  scene.demo.heading("Imposing Resource Limitations With Cgroups");
  await unlimitedCpu(scene);
  await oneCpu(scene);
  await memoryPressure(scene);
  await memoryLimit(scene);
}

async function unlimitedCpu({ demo, docker, engine, images }: Scene): Promise<void> {
  demo.say("\n1. Start a container that consumes two full CPUs:");
  const id = (await docker(["container", "run", "-d", images.stress, "--vm", "2"])).stdout.trim();
  const { Pid: first } = await inspectState(engine, id);
  await eventually(() => childrenOf(first).length === 2, 10);
  const use = await measureCpu(first, 3);

  demo.say("\n2. Check the CPU consumption of processes in the container:");
  const top = (await docker(["container", "top", id])).stdout;
  const titles = (top.split("\n")[0] ?? "").trim().split(/\s+/);
  demo.check("top has docker's columns", titles.join() === TOP_COLUMNS.join(), titles.join(" "));
  const workers = rows(top).filter((row) => Number(row[2]) === first);
  const wanted = Math.min(2, use.available) * 0.75;
  demo.check(
    "two workers take all the CPU that they can get",
    workers.length === 2 && use.group >= wanted,
    `${use.group.toFixed(2)} CPUs of ${Math.min(2, use.available).toFixed(2)} free ones, of ${cpus().length}`,
  );
  const inside = rows((await docker(["container", "exec", id, "ps", "-aux"])).stdout).filter((row) =>
    row.at(-1)?.startsWith("/usr/bin/stress"),
  );
  const pids = workers.map((row) => row[1] ?? "");
  const outside = await demo.run(["ps", "-aux"], {
    shown: `ps -aux | grep -E '${pids.join("|")}'`,
    show: (text) => pick(text, new RegExp(`^\\S+\\s+(${pids.join("|")})\\s`)),
  });
  const outsideWorkers = rows(outside.stdout).filter((row) => pids.includes(row[1] ?? ""));
  demo.check(
    "the same processes are seen inside and outside",
    inside.length === 3 &&
      outsideWorkers.length === 2 &&
      outsideWorkers.every((row) => row.at(-1) === inside[0]?.at(-1)),
    `${inside.length} inside, workers outside: ${pids.join(" ")}`,
  );

  demo.say("\n3. Kill off this container, the right way:");
  const removed = await docker(["container", "rm", "-f", id]);
  demo.check(
    "rm -f removes it and its processes",
    removed.code === 0 && pids.every((pid) => cgroupLines(Number(pid)).length === 0),
    "no worker is left on the host",
  );
}

async function oneCpu({ demo, docker, engine, images }: Scene): Promise<void> {
  demo.say("\n4. Run the same container again, limited to one CPU:");
  const id = (await docker(["container", "run", "-d", "--cpus=1", images.stress, "--vm", "2"])).stdout.trim();
  const { Pid: first } = await inspectState(engine, id);
  await eventually(() => childrenOf(first).length === 2, 10);
  const use = await measureCpu(first, 4);
  await docker(["container", "top", id]);
  const least = 0.9 * Math.min(1, use.available);
  demo.check(
    "the workers together take one CPU",
    use.group >= least && use.group <= 1.1,
    `${use.group.toFixed(2)} CPUs over 4 s`,
  );
  if (use.available > 1.1) demo.check("the kernel throttled them", use.throttled > 0, `${use.throttled} periods`);
  else demo.skip("the kernel throttled them", "the rest of the machine left less than the limit");

  demo.say("\n5. See in which cgroups such a process lives:");
  const worker = childrenOf(first)[0] ?? first;
  await demo.run(["cat", `/proc/${worker}/cgroup`]);
  const lines = cgroupLines(worker);
  // Where systemd makes cgroups a container's is a scope, as docker's is there.
  const scope = lines.some((line) => line.endsWith(".scope"));
  const place = scope ? `/system.slice/docker-${id}.scope` : `/docker/${id}`;
  const placed = lines.filter((line) => line.endsWith(`:${place}`));
  demo.check(
    `it is in ${place.replace(id, "<id>")} on every hierarchy`,
    lines.length > 0 && placed.length === lines.length,
    `${placed.length} of ${lines.length}`,
  );

  demo.say("\n6. A summary of resources by control group, by systemd-cgtop:");
  try {
    const cgtop = await demo.run(["systemd-cgtop", "-b", "-n", "2", "-d", "500ms"], {
      env: { COLUMNS: "200" },
      show: (text) =>
        text
          .split("\n")
          .filter((line) => /^\/ |^\/docker|^(?:\/?system\.slice\/)?docker-|\/docker-|Control Group|^Path/.test(line))
          .join("\n"),
    });
    if (cgtop.code !== 0) demo.skip("systemd-cgtop lists it", "systemd-cgtop does not work on this host");
    else
      demo.check(
        "systemd-cgtop lists the container's cgroup",
        cgtop.stdout.includes(scope ? `docker-${id}`.slice(0, 30) : place.slice(0, 30)),
        place.replace(id, `${id.slice(0, 12)}…`),
      );
  } catch {
    demo.skip("systemd-cgtop lists it", "systemd-cgtop is not installed (Debian: apt-get install systemd)");
  }
  await docker(["container", "rm", "-f", id]);
}

async function memoryPressure({ demo, docker, engine, images }: Scene): Promise<void> {
  demo.say("\n7. A container with a lot of memory pressure, and its consumption by docker stats:");
  const bytes = totalmem() > 4 * 2 ** 30 ? "1024M" : "256M";
  const id = (await docker(["container", "run", "-d", images.stress, "--vm", "2", "--vm-bytes", bytes])).stdout.trim();
  const { Pid: first } = await inspectState(engine, id);
  await eventually(() => childrenOf(first).length === 2, 10);
  await measureCpu(first, 1.5);
  const table = (await docker(["stats", "--no-stream", id])).stdout;
  const title = table.split("\n")[0] ?? "";
  demo.check(
    "stats shows docker's columns",
    /CPU %\s+MEM USAGE \/ LIMIT\s+MEM %\s+NET I\/O\s+BLOCK I\/O\s+PIDS/.test(title),
    title.replace(/\s+/g, " ").trim(),
  );
  const values = /(\d+\.\d+)%\s+(\S+) \/ (\S+)\s+(\d+\.\d+)%/.exec(table);
  demo.check(
    "with CPU and memory that are really used",
    Number(values?.[1]) > 5 && Number(values?.[4]) > 0,
    values?.[0].replace(/\s+/g, " ") ?? "no row",
  );
  const asked = performance.now();
  await engine.get(`/containers/${id}/stats?stream=false`);
  const took = performance.now() - asked;
  demo.check(`one sample answers within ${AT_ONCE} ms`, took <= AT_ONCE, `${took.toFixed(0)} ms`);
  await docker(["container", "rm", "-f", id]);
}

async function memoryLimit({ demo, docker, engine, images }: Scene): Promise<void> {
  demo.say("\n8. The same with a memory constraint:");
  const since = Date.now() / 1000 - 1;
  const id = (
    await docker(["container", "run", "-d", "-m", "256M", images.stress, "--vm", "2", "--vm-bytes", "1024M"])
  ).stdout.trim();
  await eventually(async () => (await inspectState(engine, id)).Status === "exited", 30);
  const all = (await docker(["container", "ls", "-a"])).stdout;
  demo.check("it exited immediately with status 1", /Exited \(1\)/.test(all), "PID 1 saw its worker die");

  demo.say("\n9. The OOMKilled key of its metadata:");
  const inspected = await docker(["container", "inspect", id], (text) =>
    pick(text, /OOMKilled/)
      .split("\n")
      .slice(1)
      .join("\n"),
  );
  demo.check(
    'inspect says "OOMKilled": true',
    /"OOMKilled": true/.test(inspected.stdout),
    "the kernel's oom_kill counter of its cgroup",
  );
  const events = await docker([
    "events",
    "--since",
    since.toFixed(3),
    "--until",
    String(Date.now() / 1000),
    "--filter",
    "event=oom",
  ]);
  demo.check(
    "an oom event was sent",
    events.stdout.includes(`container oom ${id}`),
    `${events.stdout.trim().split("\n").filter(Boolean).length} event`,
  );
  await docker(["container", "rm", id]);
}
