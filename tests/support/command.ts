/** Run a program to its end and keep what it said. */
import { spawn } from "node:child_process";
import { patience } from "./until.ts";

export type Outcome = { code: number; stdout: string; stderr: string };

/** @param options.seconds killed after that long (default 60) */
export function command(
  program: string,
  args: string[],
  options: {
    env?: Record<string, string>;
    input?: string | Buffer;
    seconds?: number;
    cwd?: string;
    /** ends it with SIGTERM, and the promise is rejected */
    signal?: AbortSignal;
  } = {},
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      cwd: options.cwd,
      ...(options.signal && { signal: options.signal }),
      env: { ...process.env, ...options.env },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (data) => stdout.push(data));
    child.stderr?.on("data", (data) => stderr.push(data));
    const seconds = (options.seconds ?? 60) * patience;
    const timer = setTimeout(() => {
      stderr.push(Buffer.from(`\n[${program} ${args.join(" ")} ended after ${seconds} s]\n`));
      child.kill("SIGKILL");
    }, seconds * 1000);
    child.once("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      done({
        code: code ?? (signal === "SIGKILL" ? 137 : 128),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    if (options.input !== undefined) {
      child.stdin?.on("error", () => {});
      child.stdin?.end(options.input);
    }
  });
}
