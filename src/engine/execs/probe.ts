/** Run a command in a container for the engine itself: health checks. */
import type { Probe } from "../containers/health.ts";
import type { Execs } from "./execs.ts";

/** @returns exit code -1 when the command took longer than allowed; it is killed then */
export function createProbe(execs: Execs): Probe {
  return async (container, command, { timeoutMs, maxOutput, signal }) => {
    const exec = execs.create(container.record.id, {
      cmd: command,
      tty: false,
      attachStdin: false,
      attachStdout: true,
      attachStderr: true,
      env: [],
      workingDir: "",
      user: "",
      privileged: false,
      detachKeys: undefined,
      consoleSize: [0, 0],
    });
    const ended = Promise.withResolvers<void>();
    const kept: Buffer[] = [];
    let room = maxOutput;
    exec.streams.add({
      stdout: true,
      stderr: true,
      write(_stream, data) {
        const piece = data.subarray(0, room);
        room -= piece.length;
        if (piece.length > 0) kept.push(Buffer.from(piece));
        return undefined;
      },
      end: ended.resolve,
    });
    let late = false;
    const kill = () => void execs.kill(exec);
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    signal.addEventListener("abort", kill);
    try {
      await execs.startDetached(exec.id);
      await ended.promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    }
    return { exitCode: late ? -1 : (exec.exitCode ?? -1), output: Buffer.concat(kept).toString("utf8") };
  };
}
