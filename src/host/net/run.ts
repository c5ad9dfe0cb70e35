/** Run one of the host's network programs to its end. */
import { spawn } from "node:child_process";
import { EngineError } from "../../engine/errors.ts";

/** Where Debian and others keep them; PATH of a service manager may lack the sbin directories. */
const SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PACKAGE_OF: Record<string, string> = { ip: "iproute2", nft: "nftables" };

/**
 * @param input for stdin
 * @param began told the program's PID
 * @returns stdout
 * @throws EngineError internal with what the program said, or which package brings a missing one
 */
export function run(program: "ip" | "nft", args: string[], input = "", began?: (pid: number) => void): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { PATH: SEARCH_PATH, LC_ALL: "C" } });
    if (child.pid !== undefined) began?.(child.pid);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => stdout.push(data));
    child.stderr.on("data", (data: Buffer) => stderr.push(data));
    child.stdin.on("error", () => {});
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === "ENOENT" ? `: it is missing; install the package ${PACKAGE_OF[program]}` : `: ${cause.message}`;
      fail(new EngineError("internal", `running ${program}${hint}`, { cause }));
    });
    child.once("close", (code) => {
      if (code === 0) return done(Buffer.concat(stdout).toString());
      const said = Buffer.concat(stderr).toString().trim().split("\n").slice(0, 3).join("; ");
      fail(new EngineError("internal", `${program} ${args.join(" ")}: ${said || `exit code ${code}`}`));
    });
    child.stdin.end(input);
  });
}
