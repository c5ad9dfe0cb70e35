/** What happens in a build, as the vertexes of BuildKit's status: kept until the client asks, then told as it happens. */
import { createHash } from "node:crypto";
import type { BuildEvent, Output } from "../../engine/build/index.ts";
import { createFeed } from "../../lib/feed.ts";
import type { StatusResponse, Timestamp, Vertex } from "../../wire/buildkit/messages.ts";
import { failureText } from "./failure.ts";

export type Told = {
  /** Something of it is done. */
  did(what: string): void;
};

export type Progress = {
  /** Of the engine's build. */
  output: Output;
  /** Something besides the build's steps. @throws what the work throws, when it has been told */
  during<T>(name: string, work: (vertex: Told) => Promise<T>): Promise<T>;
  /** The step under way has failed. */
  failed(why: string): void;
  /** Resolves when the reader, if there is one, has taken all that has been told: clients wait seconds for the rest of it, no longer. */
  settled(): Promise<void>;
  /** Nothing more comes. */
  end(): void;
  /** Until the end, or until a signal fires. What one reader has had no other gets. */
  updates(signal: AbortSignal): AsyncGenerator<StatusResponse>;
};

/** Bytes of output that a client which does not read may leave. */
const MAX_UNREAD = 16 * 1024 * 1024;
/** What a piece of output takes in memory beside its bytes. */
const PIECE_OVERHEAD = 512;
/** Characters of a step's source or an error. */
const MAX_TEXT = 64 * 1024;
const CLIPPED = Buffer.from("[output clipped: the client does not read it]\n");

/** @param nowNano nanoseconds since 1970 */
export function createProgress(id: string, nowNano: () => bigint): Progress {
  const feed = createFeed<StatusResponse>();
  let step: Vertex | undefined;
  let count = 0;
  let isBehind = false;

  const now = () => timestamp(nowNano());
  const tell = (update: StatusResponse) => feed.tell(update);
  const begin = (name: string): Vertex => {
    const digest = `sha256:${createHash("sha256").update(`${id}/${++count}`).digest("hex")}`;
    const vertex: Vertex = { digest, name: clipped(name), started: now() };
    tell({ vertexes: [{ ...vertex }] });
    return vertex;
  };
  const complete = (vertex: Vertex, more: Partial<Vertex> = {}) =>
    tell({ vertexes: [{ ...vertex, completed: now(), ...more, ...(more.error && { error: clipped(more.error) }) }] });
  const log = ({ digest }: Vertex, stream: number, msg: Buffer) => {
    const behind = feed.unreadBytes() + msg.length > MAX_UNREAD;
    // It is said once.
    if (behind && isBehind) return;
    isBehind = behind;
    const piece = behind ? CLIPPED : msg;
    const update = { logs: [{ vertex: digest, timestamp: now(), stream, msg: piece }] };
    feed.tell(update, piece.length + PIECE_OVERHEAD);
  };
  const endStep = (more: Partial<Vertex> = {}) => {
    if (step) complete(step, more);
    step = undefined;
  };
  const pull = (message: Extract<BuildEvent, { kind: "pull" }>["message"]) => {
    if (!step || !("status" in message) || message.id === undefined) return;
    if (feed.unreadBytes() >= MAX_UNREAD) return;
    const { current = 0, total = 0 } = message.progressDetail ?? {};
    const at = now();
    const [vertex, done] = [step.digest, /complete|exists/i.test(message.status ?? "")];
    const status = { ID: message.id, vertex, current, total, timestamp: at, started: at };
    feed.tell({ statuses: [{ ...status, ...(done && { completed: at }) }] }, PIECE_OVERHEAD);
  };

  return {
    output(event) {
      switch (event.kind) {
        case "warning":
        case "unused-args": {
          const text =
            event.kind === "warning" ? event.text : `build-args [${event.names.join(" ")}] were not consumed`;
          const vertex = begin("[internal] warnings");
          tell({ warnings: [{ vertex: vertex.digest, level: 1, short: Buffer.from(text) }] });
          return complete(vertex);
        }
        case "step":
          endStep();
          // What only changes the configuration is no vertex of BuildKit's either.
          if (event.ofStage) step = begin(stepName(event, event.ofStage));
          return;
        case "cached":
          if (step) step.cached = true;
          return;
        case "pull":
          return pull(event.message);
        case "log":
          if (step) log(step, event.stream, Buffer.from(event.text));
          return;
        case "step-done":
          return endStep();
      }
    },
    async during(name, work) {
      const vertex = begin(name);
      try {
        const did = (what: string) => {
          const at = now();
          tell({ statuses: [{ ID: what, vertex: vertex.digest, timestamp: at, started: at, completed: at }] });
        };
        const result = await work({ did });
        complete(vertex);
        return result;
      } catch (error) {
        complete(vertex, { error: failureText(error) });
        throw error;
      }
    },
    failed: (why) => endStep({ error: why }),
    settled: feed.settled,
    end: feed.end,
    updates: feed.read,
  };
}

const clipped = (text: string) => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** "[base 2/3] COPY a /b" */
function stepName(
  { stage, source }: { stage: string; source: string },
  { position, total }: { position: number; total: number },
) {
  return `[${stage === "" ? "" : `${stage} `}${position}/${total}] ${source}`;
}

function timestamp(nano: bigint): Timestamp {
  return { seconds: Number(nano / 1_000_000_000n), nanos: Number(nano % 1_000_000_000n) };
}
