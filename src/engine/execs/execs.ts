/** All execs of the engine: made in a running container, started once, and forgotten some time after their end. */
import type { Duplex } from "node:stream";
import type { Plan } from "../../isolation/plan.ts";
import type { ExecSpec } from "../../isolation/spec.ts";
import { encodeFrame, MULTIPLEXED_STREAM, RAW_STREAM, STDOUT } from "../../wire/stdcopy.ts";
import type { Container, ContainerStore } from "../containers/container.ts";
import { parseDetachKeys } from "../containers/detach-keys.ts";
import { sharedWith } from "../containers/modes.ts";
import { publish } from "../containers/publish.ts";
import { terminalSize } from "../containers/resize.ts";
import { serveClient } from "../containers/stream-client.ts";
import { createStreams } from "../containers/streams.ts";
import { conflict, invalid, notFound } from "../errors.ts";
import type { EventBus } from "../events.ts";
import type { Cgroups, Launcher, Layers } from "../ports.ts";
import type { Exec, ExecConfig } from "./exec.ts";
import { execFailure } from "./exec-failure.ts";
import { execSpec } from "./exec-process.ts";

export type ExecDeps = {
  store: ContainerStore;
  launcher: Pick<Launcher, "launch">;
  layers: Pick<Layers, "readMerged">;
  cgroups: Pick<Cgroups, "layout">;
  /** What the engine itself holds, and so can give. */
  capabilities: string[];
  events: EventBus;
  newId: () => string;
  compileExec: (spec: ExecSpec) => Plan;
  log: (message: string, details: Record<string, unknown>) => void;
};

export type Execs = ReturnType<typeof createExecs>;

/** How long an ended exec can still be inspected: docker looks every five minutes for those to forget. */
const KEPT_MS = 5 * 60_000;

export function createExecs(deps: ExecDeps) {
  const all = new Map<string, Exec>();

  const find = (id: string): Exec => {
    const exec = all.get(id);
    if (!exec || isOutlived(exec)) throw notFound(`No such exec instance: ${id}`);
    return exec;
  };
  /** Never started, and the run of the container that it was meant for is over: docker has forgotten it with that. */
  const isOutlived = ({ state, run, containerId }: Exec): boolean =>
    state === "created" &&
    !deps.store
      .all()
      .some(({ record }) => record.id === containerId && record.state.process?.startTime === run?.startTime);
  const containerOf = (exec: Exec): Container => {
    try {
      return deps.store.find(exec.containerId);
    } catch {
      throw notFound(`No such exec instance: ${exec.id}`);
    }
  };

  return {
    /** @throws EngineError not-found, conflict (not running, paused), invalid. @returns the exec */
    create(ref: string, config: ExecConfig): Exec {
      const container = deps.store.find(ref);
      refuseUnlessRunning(container);
      if (config.cmd.length === 0) throw invalid("no exec command specified");
      parseDetachKeys(config.detachKeys, "escape");
      const exec: Exec = {
        id: deps.newId(),
        containerId: container.record.id,
        run: container.record.state.process,
        config,
        state: "created",
        exitCode: null,
        pid: 0,
        streams: createStreams({ wait: true }),
      };
      all.set(exec.id, exec);
      container.execIds.add(exec.id);
      publish(deps.events, container.record, `exec_create: ${commandShown(config.cmd)}`, { execID: exec.id });
      return exec;
    },

    find,

    isRunning: (id: string) => all.get(id)?.state === "running",

    /** Start it with nobody looking. Returns when the program runs. */
    async startDetached(id: string): Promise<void> {
      const exec = find(id);
      const container = containerOf(exec);
      claim(exec, container);
      await launch(exec, container);
    },

    /**
     * Start it for a client.
     * @param options Tty of the start request; detachKeys and consoleSize there win over those of create
     * @returns the type of the stream, and the function that starts the process and serves the client until its end.
     *   A failed start is told in the stream, as docker does.
     */
    startAttached(id: string, options: { detachKeys?: string; consoleSize?: [number, number] }) {
      const exec = find(id);
      const container = containerOf(exec);
      const detachKeys = parseDetachKeys(options.detachKeys || exec.config.detachKeys, "escape");
      if (options.consoleSize) exec.config.consoleSize = options.consoleSize;
      claim(exec, container);
      const { tty, attachStdin, attachStdout, attachStderr } = exec.config;
      return {
        contentType: tty ? RAW_STREAM : MULTIPLEXED_STREAM,
        async run(connection: Duplex): Promise<void> {
          const served = serveClient(exec.streams, connection, {
            stdin: attachStdin,
            stdout: attachStdout,
            stderr: attachStderr,
            tty,
            multiplexed: !tty,
            detachKeys,
            whenSlow: "wait",
            closeStdin: true,
          });
          try {
            await launch(exec, container);
          } catch (error) {
            exec.streams.abandon();
            const text = Buffer.from(`${(error as Error).message}\r\n`);
            connection.write(tty ? text : encodeFrame(STDOUT, text));
          }
          if ((await served) === "detached") {
            publish(deps.events, container.record, "exec_detach", { execID: exec.id });
          }
        },
      };
    },

    async resize(id: string, size: { h: string | undefined; w: string | undefined }): Promise<void> {
      const exec = find(id);
      const { rows, cols } = terminalSize(size);
      // A size that comes before the start is kept for it: the CLI resizes as soon as it has asked for the start.
      if (exec.state === "ended") throw notFound(`No such exec instance: ${id}`);
      if (exec.config.tty) await exec.streams.resize(rows, cols);
    },

    /** Kill it, if it runs. */
    async kill(exec: Exec): Promise<void> {
      await exec.channel?.signal(9).catch(() => {}); // it may have ended by itself
    },
  };

  /** From here on nobody else may start it. */
  function claim(exec: Exec, container: Container): void {
    if (exec.state === "ended") throw conflict(`exec command ${exec.id} has already run`);
    if (exec.state === "running") throw conflict(`exec command ${exec.id} is already running`);
    refuseUnlessRunning(container);
    exec.state = "running";
  }

  async function launch(exec: Exec, container: Container): Promise<void> {
    const { record } = container;
    try {
      const spec = execSpec({
        record,
        config: exec.config,
        accounts: await accountsOf(record.id),
        cgroups: deps.cgroups,
        capabilities: deps.capabilities,
        strangers: hasStrangers(container),
        attached: exec.streams.wanted,
      });
      const launched = await deps.launcher.launch(deps.compileExec(spec));
      exec.pid = launched.process.pid;
      exec.channel = launched.channel;
      publish(deps.events, record, `exec_start: ${commandShown(exec.config.cmd)}`, { execID: exec.id });
      // The client must find the exit code when its stream ends (dockerode#534).
      const ended = launched.exit.then((exit) => end(exec, container, exit?.exitCode ?? 255));
      exec.streams.bind(launched.channel, ended);
      for (const warning of launched.warnings) deps.log("exec", { exec: exec.id, warning });
    } catch (cause) {
      const { error, exitCode } = execFailure(cause, record);
      end(exec, container, exitCode);
      throw error;
    }
  }

  function end(exec: Exec, container: Container, exitCode: number): void {
    const ran = exec.pid !== 0;
    exec.state = "ended";
    exec.exitCode = exitCode;
    exec.pid = 0;
    delete exec.channel;
    container.execIds.delete(exec.id);
    if (ran) {
      publish(deps.events, container.record, "exec_die", { execID: exec.id, exitCode: String(exitCode) });
    }
    setTimeout(() => all.delete(exec.id), KEPT_MS).unref();
  }

  /** PID namespaces shared either way, and execs with all capabilities. */
  function hasStrangers({ record: { id, hostConfig } }: Container): boolean {
    if (sharedWith(hostConfig.PidMode) !== undefined) return true;
    if (deps.store.all().some(({ record }) => sharedWith(record.hostConfig.PidMode) === id)) return true;
    return [...all.values()].some(
      ({ containerId, state, config }) => containerId === id && state === "running" && config.privileged,
    );
  }

  async function accountsOf(id: string) {
    const read = async (path: string) => (await deps.layers.readMerged(id, path))?.toString("utf8");
    const [passwd, group] = await Promise.all([read("/etc/passwd"), read("/etc/group")]);
    return { passwd, group };
  }
}

/** As docker joins it: the program, a space, its arguments. */
function commandShown([program = "", ...args]: string[]): string {
  return `${program} ${args.join(" ")}`;
}

function refuseUnlessRunning({ record }: Container): void {
  const { status } = record.state;
  if (status === "paused") {
    throw conflict(`Container ${record.name} is paused, unpause the container before exec`);
  }
  if (status === "restarting") {
    throw conflict(`Container ${record.id} is restarting, wait until the container is running`);
  }
  if (status !== "running") throw conflict(`container ${record.id} is not running`);
}
