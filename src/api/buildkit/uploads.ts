/** Contexts that are archives (`docker build - <app.tar`): two ways in which a client hands one over. */
import { invalid } from "../../engine/errors.ts";
import { createArrivals } from "../../lib/arrivals.ts";
import { MESSAGES } from "../../wire/buildkit/messages.ts";
import type { Session } from "./sessions.ts";

/** What a build's context is called when the client sends it by a request of its own: CLIs before buildx. */
export const UPLOADED = "upload-request";
const PULL = "/moby.upload.v1.Upload/Pull";
/** Host of the URL when the client has it in its session. */
const IN_SESSION = "buildkit-session";
/** The build and its context come by two requests at once. */
const PATIENCE_MS = 10_000;

export type Uploads = ReturnType<typeof createUploads>;

type Upload = { archive: AsyncIterable<Buffer>; done: () => void };

/** Those of `POST /build?buildid=upload-request:ID`. */
export function createUploads() {
  const uploads = createArrivals<Upload>(PATIENCE_MS);
  return {
    /** @returns when the build has read it, or needs it no more, or the signal fires */
    async offer(id: string, archive: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
      const { promise, resolve: done } = Promise.withResolvers<void>();
      const upload = { archive, done };
      signal.addEventListener("abort", () => done(), { once: true });
      if (signal.aborted) done();
      uploads.set(id, upload);
      await promise;
      uploads.delete(id, upload);
    },
    /** @throws EngineError invalid if it does not come */
    async *take(id: string, signal: AbortSignal): AsyncGenerator<Buffer> {
      const upload = await uploads.find(id, signal);
      if (!upload) throw invalid(`the context of build ${id} has not come`);
      try {
        yield* upload.archive;
      } finally {
        upload.done();
      }
    },
    /** The build is over: one that it has not read is of no use. */
    drop: (id: string) => uploads.get(id)?.done(),
  };
}

/** One that is in a session, under a URL that means something there alone. @throws EngineError invalid on any other URL */
export async function* archiveInSession(session: Session, text: string): AsyncGenerator<Buffer> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.host !== IN_SESSION) throw invalid(`a build's context by URL is not supported: ${text}`);
  if (!session.supports(PULL)) throw invalid(`the client uploads nothing: ${PULL} is not in its session`);
  const { end, responses, cancel } = session.exchange(PULL, { metadata: { urlhost: url.host, urlpath: url.pathname } });
  end();
  try {
    for await (const message of responses) yield Buffer.from(MESSAGES.bytesMessage.decode(message).data);
  } finally {
    cancel();
  }
}
