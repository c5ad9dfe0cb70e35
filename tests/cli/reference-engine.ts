import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { docker } from "./clients.ts";

/** Why a dockerd of our own cannot be started here; false if it can. */
export function noReference(): string | false {
  if (process.getuid?.() !== 0) return "a reference engine needs root";
  if (spawnSync("dockerd", ["--version"]).status !== 0) return "dockerd is not installed";
  return existsSync("/bin/busybox") ? false : "a static /bin/busybox is not installed";
}

/** A dockerd on roots of its own, without a network, that knows one image: busybox:latest. */
export async function startReference() {
  const root = mkdtempSync(join(tmpdir(), "reference-engine-"));
  const host = `unix://${root}/d.sock`;
  const args = ["-H", host, "--data-root", `${root}/data`, "--exec-root", `${root}/exec`, "--pidfile", `${root}/pid`];
  const log: string[] = [];
  const child = spawn("dockerd", [...args, "--bridge", "none", "--iptables=false"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text) => log.push(text));
  const stop = () => stopReference(child, host, root);
  try {
    for (const end = Date.now() + 60_000; (await docker(host, ["ps"])).status !== 0; await sleep(200))
      if (Date.now() > end || child.exitCode !== null) throw new Error(`dockerd did not start:\n${log.join("")}`);
    await importBusybox(host, root);
    return { host, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopReference(child: ChildProcess, host: string, root: string): Promise<void> {
  const { stdout } = await docker(host, ["ps", "-aq"]);
  const ids = stdout.split("\n").filter(Boolean);
  if (ids.length) await docker(host, ["rm", "-f", ...ids]);
  const ended = child.exitCode !== null || new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
  rmSync(root, { recursive: true, force: true });
}

async function importBusybox(host: string, root: string): Promise<void> {
  const rootfs = join(root, "rootfs");
  for (const folder of ["bin", "etc", "tmp"]) mkdirSync(join(rootfs, folder), { recursive: true });
  await copyFile("/bin/busybox", join(rootfs, "bin/busybox"));
  for (const applet of [
    "sh",
    "echo",
    "cat",
    "sleep",
    "true",
    "false",
    "ls",
    "stty",
    "id",
    "env",
    "pwd",
    "touch",
    "mkdir",
    "kill",
  ])
    symlinkSync("busybox", join(rootfs, "bin", applet));
  writeFileSync(join(rootfs, "etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
  const archive = join(root, "busybox.tar");
  spawnSync("tar", ["-C", rootfs, "-cf", archive, "."]);
  const { status, stderr } = await docker(host, ["import", archive, "busybox:latest"]);
  if (status !== 0) throw new Error(stderr);
}
