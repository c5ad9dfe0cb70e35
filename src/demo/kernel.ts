/** What the kernel says about processes and control groups: the demo's checks rest on this, not on our engine's words. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseCgroupMembership, parseMountInfo } from "../kernel/proc-mountinfo.ts";

/** Lines of /proc/PID/cgroup, or [] when the process is gone. */
export function cgroupLines(pid: number): string[] {
  return read(`/proc/${pid}/cgroup`).trim().split("\n").filter(Boolean);
}

/** NSpid of proc_pid_status(5): the process's number in each PID namespace, outermost first. */
export function namespacePids(pid: number): number[] {
  const line = /^NSpid:\s*(.+)$/m.exec(read(`/proc/${pid}/status`));
  return (line?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);
}

export function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => new RegExp(`^PPid:\\s*${pid}$`, "m").test(read(`/proc/${other}/status`)));
}

export function isGone(pid: number): boolean {
  return !existsSync(`/proc/${pid}`);
}

/** Directory of the cgroup that carries a controller for a process, on v1 or v2. */
export function cgroupDirectory(pid: number, controller: string): string | undefined {
  const mounts = parseMountInfo(read("/proc/self/mountinfo"));
  const memberships = parseCgroupMembership(read(`/proc/${pid}/cgroup`));
  const v1 = memberships.find((entry) => entry.controllers.includes(controller));
  const path = (v1 ?? memberships.find((entry) => entry.controllers.length === 0))?.path;
  const mount = mounts.find((entry) =>
    v1 ? entry.fsType === "cgroup" && entry.superOptions.includes(controller) : entry.fsType === "cgroup2",
  );
  return path !== undefined && mount ? `${mount.mountpoint}${path}` : undefined;
}

export type CpuUse = {
  /** CPUs that the control group used, 1 = one whole CPU */
  group: number;
  /** CPUs that were left to it by everything else on the host */
  available: number;
  throttled: number;
};

/** Measure the CPU use of a process's control group over some seconds. */
export async function measureCpu(pid: number, seconds: number): Promise<CpuUse> {
  const before = snapshot(pid);
  await delay(seconds * 1000);
  const after = snapshot(pid);
  const elapsed = (after.at - before.at) / 1000;
  const group = (after.group - before.group) / 1e9 / elapsed;
  const host = (after.host - before.host) / 100 / elapsed;
  return { group, available: cpus().length - Math.max(0, host - group), throttled: after.throttled - before.throttled };
}

function snapshot(pid: number): { at: number; group: number; host: number; throttled: number } {
  const v1 = cgroupDirectory(pid, "cpuacct");
  const stat = read(`${cgroupDirectory(pid, "cpu") ?? ""}/cpu.stat`);
  const usage =
    v1 && existsSync(`${v1}/cpuacct.usage`)
      ? Number(read(`${v1}/cpuacct.usage`))
      : Number(/usage_usec (\d+)/.exec(stat)?.[1] ?? 0) * 1000;
  const fields = (read("/proc/stat").split("\n")[0] ?? "").split(/\s+/).slice(1).map(Number);
  // user nice system irq softirq steal: all but idle and iowait, in ticks of 1/100 s (guest is part of user)
  const busy = [0, 1, 2, 5, 6, 7].reduce((sum, field) => sum + (fields[field] ?? 0), 0);
  return {
    at: performance.now(),
    group: usage,
    host: busy,
    throttled: Number(/nr_throttled (\d+)/.exec(stat)?.[1] ?? 0),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process or its cgroup has just gone
  }
}
