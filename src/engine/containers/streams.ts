/**
 * The hub between a running process's monitor and those who look at it inside the engine (attach, exec start):
 *
 *     monitor ==channel==> hub --> client, client, …        output: to each client that wants the stream
 *     monitor <==channel== hub <-- client, client, …        stdin: from any client, in order of arrival
 *
 * Clients may come before the start. The monitor waits for this hub rather than lose output, and the hub is quick: a
 * container's slow client has a buffer of its own (stream-client.ts). An exec has but one client, and waits for it.
 */
import type { MonitorChannel } from "../ports.ts";
import type { ContainerStreams } from "./container.ts";

export type OutputClient = {
  stdout: boolean;
  stderr: boolean;
  /**
   * The buffer is shared with other clients: read only.
   * @returns undefined, or when the client is behind, a promise that resolves when it has caught up or left
   */
  write(stream: 1 | 2, data: Buffer): Promise<void> | undefined;
  /** No more output comes: the process ended, or its start failed. */
  end(): void;
};

export interface Streams extends ContainerStreams {
  /** @param endAfter the clients' end is held back until then, when the output ends (an exec's exit code comes first) */
  bind(channel: MonitorChannel, endAfter?: Promise<unknown>): void;
  /** @returns takes the client off again */
  add(client: OutputClient): () => void;
  /** Resolves when more can be written: waits for the start, and for a process that reads slowly. */
  writeStdin(data: Buffer): Promise<void>;
  closeStdin(): Promise<void>;
  /** Before the start the last size is kept, and set at once when the process is there. */
  resize(rows: number, cols: number): Promise<void>;
}

const WANT_STDOUT = 1;
const WANT_STDERR = 2;
/** docs/protocol.md: the monitor shall rather hold the process up than cut us off. */
const WAIT = 128;

const hubs = new WeakMap<ContainerStreams, Streams>();

/** The whole hub behind the narrow view that the container verbs have of it. */
export function streamsOf(container: { streams: ContainerStreams }): Streams {
  const hub = hubs.get(container.streams);
  if (!hub) throw new TypeError("a container's streams are made by createStreams");
  return hub;
}

/** @param options.wait hold the process up while a client is behind */
export function createStreams(options: { wait?: boolean } = {}): Streams {
  const clients = new Set<OutputClient>();
  let channel: MonitorChannel | undefined;
  let started = gate();
  let drained = gate();
  let early: { rows: number; cols: number } | undefined;

  const endClients = () => {
    const ended = [...clients];
    clients.clear();
    for (const client of ended) client.end();
  };
  const subscribe = () => channel?.subscribe(maskOf(clients) | WAIT);
  const unbind = (ended: MonitorChannel) => {
    if (channel !== ended) return;
    channel = undefined;
    started = gate();
    drained.open();
    endClients();
  };

  const hub: Streams = {
    get wanted() {
      return clients.size > 0;
    },
    bind(next, endAfter) {
      channel = next;
      drained = gate();
      const hold = options.wait ? holder(next, endAfter) : () => {};
      next.onOutput((stream, data) => {
        for (const client of clients) {
          const behind = (stream === 1 ? client.stdout : client.stderr) && client.write(stream, data);
          if (behind) hold(behind);
        }
      });
      next.onDrain(() => {
        drained.open();
        drained = gate();
      });
      next.onEnd(() => {
        if (endAfter) void endAfter.finally(() => unbind(next));
        else unbind(next);
      });
      subscribe();
      if (early) void next.resize(early.rows, early.cols).catch(() => {}); // it may have ended already
      early = undefined;
      started.open();
    },
    abandon() {
      started.open();
      started = gate();
      endClients();
    },
    add(client) {
      clients.add(client);
      subscribe();
      return () => {
        if (clients.delete(client)) subscribe();
      };
    },
    async writeStdin(data) {
      if (!channel) await started.opened;
      if (channel?.writeStdin(data) === false) await drained.opened;
    },
    async closeStdin() {
      if (!channel) await started.opened;
      channel?.closeStdin();
    },
    async resize(rows, cols) {
      if (channel) await channel.resize(rows, cols);
      else early = { rows, cols };
    },
  };
  hubs.set(hub, hub);
  return hub;
}

/** Pauses a channel while clients are behind; no longer when its process has ended, for its monitor does not stay. */
function holder(channel: MonitorChannel, ended: Promise<unknown> | undefined): (behind: Promise<void>) => void {
  let held = 0;
  let over = false;
  void ended?.finally(() => {
    over = true;
    channel.resume();
  });
  return (behind) => {
    if (over) return;
    if (held++ === 0) channel.pause();
    void behind.then(() => {
      if (--held === 0) channel.resume();
    });
  };
}

function maskOf(clients: Iterable<OutputClient>): number {
  let mask = 0;
  for (const { stdout, stderr } of clients) mask |= (stdout ? WANT_STDOUT : 0) | (stderr ? WANT_STDERR : 0);
  return mask;
}

type Gate = { opened: Promise<void>; open: () => void };
function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
