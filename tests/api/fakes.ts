/** Stand-ins for what the engine asks of the outside. */
import type { Container, ContainerStore } from "../../src/engine/containers/container.ts";
import { aRecord } from "../../src/engine/containers/fixtures.ts";
import { createStreams } from "../../src/engine/containers/streams.ts";
import { notFound } from "../../src/engine/errors.ts";
import type { ExitRecord, Launched, MonitorChannel } from "../../src/engine/ports.ts";

/** A monitor's end of a channel, in the test's hands. */
export type FakeChannel = MonitorChannel & {
  output(stream: 1 | 2, text: string): void;
  finish(): void;
  readonly paused: boolean;
  readonly mask: number;
  readonly stdin: string;
  readonly stdinClosed: boolean;
  readonly sizes: [number, number][];
  readonly signals: number[];
};

export function fakeChannel(): FakeChannel {
  let onOutput: (stream: 1 | 2, data: Buffer) => void = () => {};
  let onEnd = () => {};
  const seen = {
    paused: false,
    mask: 0,
    stdin: "",
    stdinClosed: false,
    sizes: [] as [number, number][],
    signals: [] as number[],
  };
  const closed = Promise.withResolvers<void>();
  return {
    onOutput: (handler) => {
      onOutput = handler;
    },
    onEnd: (handler) => {
      onEnd = handler;
    },
    pause: () => {
      seen.paused = true;
    },
    resume: () => {
      seen.paused = false;
    },
    subscribe: (mask) => {
      seen.mask = mask;
    },
    writeStdin(data) {
      seen.stdin += data.toString();
      return true;
    },
    onDrain() {},
    closeStdin: () => {
      seen.stdinClosed = true;
    },
    resize: async (rows, cols) => void seen.sizes.push([rows, cols]),
    signal: async (number) => void seen.signals.push(number),
    packed: async () => {},
    close: () => closed.resolve(),
    closed: closed.promise,
    output: (stream, text) => onOutput(stream, Buffer.from(text)),
    finish: () => onEnd(),
    get paused() {
      return seen.paused;
    },
    get mask() {
      return seen.mask;
    },
    get stdin() {
      return seen.stdin;
    },
    get stdinClosed() {
      return seen.stdinClosed;
    },
    sizes: seen.sizes,
    signals: seen.signals,
  };
}

/** A process that has been launched; `exit` ends it. */
export function fakeLaunched(channel: FakeChannel): Launched & { end(exitCode: number): void } {
  const exit = Promise.withResolvers<ExitRecord | undefined>();
  return {
    process: { pid: 4711, startTime: 1 },
    monitorPid: 4710,
    warnings: [],
    timings: [],
    channel,
    exit: exit.promise,
    end: (exitCode) => exit.resolve({ exitCode, signal: 0, counters: {}, finishedAt: "2026-01-02T03:04:05Z" }),
  };
}

export function fakeContainer(over: Parameters<typeof aRecord>[0] = {}): Container & { end(exitCode: number): void } {
  const exit = Promise.withResolvers<{ exitCode: number }>();
  return {
    record: aRecord(over),
    streams: createStreams(),
    execIds: new Set(),
    exclusive: (work) => work(),
    nextExit: () => exit.promise,
    removed: () => new Promise(() => {}),
    end: (exitCode) => exit.resolve({ exitCode }),
  };
}

export function fakeStore(...containers: Container[]): ContainerStore {
  return {
    find(ref) {
      const found = containers.find(({ record }) => record.id.startsWith(ref) || record.name === ref);
      if (!found) throw notFound(`No such container: ${ref}`);
      return found;
    },
    all: () => containers,
    save() {},
  };
}

/** Wait for a condition, as long as a busy machine may take. */
export async function until(condition: () => boolean, what = "the condition"): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1500) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
