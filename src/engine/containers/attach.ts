/** Attach a client to a container: its output from now on, its stdin, and before that (logs) what it wrote so far. */
import type { Duplex } from "node:stream";
import { MULTIPLEXED_STREAM, RAW_STREAM } from "../../wire/stdcopy.ts";
import { conflict } from "../errors.ts";
import type { EventBus } from "../events.ts";
import type { Container, ContainerStore } from "./container.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import type { LogRequest } from "./logs.ts";
import { publish } from "./publish.ts";
import { serveClient } from "./stream-client.ts";
import { streamsOf } from "./streams.ts";

export type AttachRequest = {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** Replay what the container wrote before. */
  logs: boolean;
  /** Go on with what it writes from now on. */
  stream: boolean;
  /** Whoever attaches may get docker's frames where there is no terminal; false: never (websockets, as docker). */
  frames: boolean;
  detachKeys: string | undefined;
};

export type AttachDeps = {
  store: ContainerStore;
  events: EventBus;
  /** logs.ts, bound to its own dependencies */
  replay: (container: Container, request: LogRequest, out: Duplex) => Promise<void>;
};

/**
 * Check that the container can be attached to.
 * @returns the type of the stream, and the function that serves a client on it until it is over
 * @throws EngineError not-found, conflict (paused, restarting), invalid (detach keys)
 */
export function attachToContainer(
  deps: AttachDeps,
  ref: string,
  request: AttachRequest,
): { contentType: string; run: (connection: Duplex) => Promise<void> } {
  const container = deps.store.find(ref);
  const { config, state, id } = container.record;
  const detachKeys = parseDetachKeys(request.detachKeys);
  if (state.status === "paused") throw conflict(`container ${id} is paused, unpause the container before attach`);
  if (state.status === "restarting") {
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  }
  const multiplexed = request.frames && !config.Tty;
  return {
    contentType: multiplexed ? MULTIPLEXED_STREAM : RAW_STREAM,
    async run(connection) {
      publish(deps.events, container.record, "attach");
      const { stdout, stderr } = request;
      if (request.logs && (stdout || stderr)) {
        await deps.replay(container, { stdout, stderr, tail: "all", multiplexed }, connection);
      }
      if (!request.stream) return;
      const end = await serveClient(streamsOf(container), connection, {
        stdin: request.stdin && config.OpenStdin,
        stdout,
        stderr,
        tty: config.Tty,
        multiplexed,
        detachKeys,
        whenSlow: "spool",
        closeStdin: config.StdinOnce,
      });
      if (end === "detached") publish(deps.events, container.record, "detach");
    },
  };
}
