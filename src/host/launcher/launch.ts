/** One plan's way: down as records, up as events, to a running process or a LaunchError. */
import { internal } from "../../engine/errors.ts";
import {
  type ExitRecord,
  LaunchError,
  type Launched,
  type LaunchedStream,
  type LaunchWarning,
  type PlaceKeeper,
} from "../../engine/ports.ts";
import { encodePlan } from "../../isolation/encode.ts";
import type { Plan } from "../../isolation/plan.ts";
import { errnoName } from "../../kernel/errno.ts";
import { signalName } from "../../kernel/signals.ts";
import { ndjsonParser } from "../../lib/ndjson.ts";
import { monitorChannel } from "./channel.ts";
import { connectMonitor } from "./connect.ts";
import { decodeEvent, type LauncherEvent } from "./events.ts";
import type { LauncherProcess } from "./process.ts";

type Started = Extract<LauncherEvent, { event: "started" }>;

/**
 * Carry out a plan with a launcher that waits for one.
 * @throws LaunchError when an operation failed, EngineError internal when the launcher itself did
 */
export async function launch(
  launcher: LauncherProcess,
  plan: Plan,
  placeKeeper: PlaceKeeper = refuseKeeper,
): Promise<Launched> {
  const run = follow(launcher, placeKeeper);
  const { exit, warnings } = run;
  const socketPath = plan.ops.find((op) => op.op === "listen")?.path;
  const channel = monitorChannel(launcher.channel, {
    endAfter: exit,
    ...(socketPath !== undefined && { connectAgain: () => connectMonitor(socketPath) }),
  });
  try {
    const { pid, startTime, monitor, us } = await begin(launcher, plan, run);
    return { process: { pid, startTime }, monitorPid: monitor, warnings, timings: us, channel, exit };
  } catch (error) {
    channel.close();
    throw error;
  }
}

/** The same for a plan with channel_stdio. */
export async function launchStream(launcher: LauncherProcess, plan: Plan): Promise<LaunchedStream> {
  const run = follow(launcher, refuseKeeper);
  const stream = launcher.channel;
  try {
    const { monitor } = await begin(launcher, plan, run);
    return { monitorPid: monitor, exit: run.exit, stream };
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

async function begin(launcher: LauncherProcess, plan: Plan, { started }: Pick<ReturnType<typeof follow>, "started">) {
  const bytes = encodePlan(plan);
  launcher.ref();
  launcher.control.end(bytes);
  return await started;
}

/** Listen to a launcher's events from now on. */
function follow(launcher: LauncherProcess, placeKeeper: PlaceKeeper) {
  const started = Promise.withResolvers<Started>();
  const exit = Promise.withResolvers<ExitRecord | undefined>();
  const warnings: LaunchWarning[] = [];
  // Closing our end tells the launcher; its own end of both tells us that everything is undone.
  let gaveUp = false;
  const giveUp = (error: unknown) => {
    gaveUp = true;
    launcher.channel.once("close", () => started.reject(error));
    launcher.control.destroy();
  };
  const feed = ndjsonParser((value) => {
    const event = decodeEvent(value);
    if (event.event === "warning") warnings.push({ ...event, errno: errnoName(event.errno) });
    else if (event.event === "error") started.reject(launchError(event));
    else if (event.event === "started") started.resolve(event);
    else if (event.event === "keeper") placeKeeper(event.pid).catch(giveUp);
    else
      exit.resolve({
        exitCode: event.exitCode,
        signal: event.signal,
        counters: event.counters,
        finishedAt: event.finishedAt,
      });
  });
  launcher.control.on("data", (chunk: Buffer) => {
    try {
      feed(chunk);
    } catch (error) {
      started.reject(internal("the launcher's event cannot be read", error));
    }
  });
  launcher.control.on("close", () => {
    exit.resolve(undefined);
    if (!gaveUp) started.reject(internal("the launcher ended without a word"));
  });
  return { started: started.promise, exit: exit.promise, warnings };
}

/** A plan with a keeper comes with somebody to place it. */
async function refuseKeeper(): Promise<void> {
  throw internal("the plan's cgroup is systemd's to make, and nobody asks it to");
}

function launchError(event: Extract<LauncherEvent, { event: "error" }>): LaunchError {
  const { op, object, index, errno, signal } = event;
  return new LaunchError({ op, object, index, errno: signal ? signalName(signal) : errnoName(errno) });
}
