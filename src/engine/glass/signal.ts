/**
 * Signals to one process of a container, from either side. From outside any process can be hit, PID 1 too. From inside, a process
 * of the container sends it, and there the kernel keeps PID 1 from signals it does not wait for (pid_namespaces(7)).
 */
import { isErrno } from "../../lib/errno.ts";
import { signalNumber } from "../containers/stop.ts";
import { EngineError, invalid, notFound } from "../errors.ts";
import type { Execs } from "../execs/execs.ts";
import { ownerOf } from "./owner.ts";
import type { GlassDeps } from "./surroundings.ts";

export type Outcome = {
  /** what was done, as one would type it */
  command: string;
  /** of that command; 0: the signal was sent */
  exitCode: number;
};

/**
 * From outside.
 * @param process its host PID; startTime (ticks, ProcessView.startTime) where the caller knows whom it means
 * @throws invalid, not-found (gone, or the PID is another's by now), forbidden (no process of this engine's containers)
 */
export async function signalOutside(
  deps: GlassDeps & { send: (pid: number, signal: number) => void },
  process: { pid: string; startTime?: number | undefined; signal: string },
): Promise<Outcome> {
  const signal = signalNumber(process.signal || "KILL");
  if (!/^[1-9]\d{0,9}$/.test(process.pid)) throw invalid(`"${process.pid}" is not a process id`);
  const pid = Number(process.pid);
  const gone = () => notFound(`no process has the id ${pid}: it has ended, or never was`);
  const found = await deps.host.process(pid);
  if (found === undefined) throw gone();
  if (process.startTime !== undefined && process.startTime !== found.startTime)
    throw notFound(`the process you mean has ended: ${pid} is another one by now`);
  const owner = ownerOf(
    found.cgroups,
    deps.store.all().map(({ record }) => record),
  );
  if (owner.kind !== "cloche")
    throw new EngineError("forbidden", `process ${pid} is in no container of this engine: ${owner.because}`);
  try {
    deps.send(pid, signal);
  } catch (error) {
    if (isErrno(error, "ESRCH")) throw gone();
    throw error;
  }
  return { command: `kill -${signal} ${pid}`, exitCode: 0 };
}

/**
 * From inside: by the container's own shell.
 * @param process its PID in the container
 * @throws invalid; not-found and conflict as exec does
 */
export async function signalInside(
  execs: Pick<Execs, "create" | "startDetached">,
  container: string,
  process: { pid: string; signal: string },
): Promise<Outcome> {
  const signal = signalNumber(process.signal || "KILL");
  if (!/^[1-9]\d{0,9}$/.test(process.pid)) throw invalid(`"${process.pid}" is not a process id`);
  const command = `kill -${signal} ${process.pid}`;
  const exec = execs.create(container, {
    cmd: ["sh", "-c", command],
    tty: false,
    attachStdin: false,
    attachStdout: true,
    attachStderr: true,
    env: [],
    workingDir: "",
    user: "0",
    privileged: false,
    detachKeys: undefined,
    consoleSize: [0, 0],
  });
  const ended = Promise.withResolvers<void>();
  exec.streams.add({ stdout: true, stderr: true, write: () => undefined, end: ended.resolve });
  await execs.startDetached(exec.id);
  await ended.promise;
  return { command: `docker exec ${container} sh -c '${command}'`, exitCode: exec.exitCode ?? 255 };
}
