/** Files of containers: archive (docker cp), changes, export, commit. The body of PUT archive is a stream (bodies.ts). */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import { EngineError } from "../../engine/errors.ts";
import type { Files } from "../../engine/files/index.ts";
import { inBatches, outOfBatches } from "../../lib/batches.ts";
import { decodeCreate } from "../../wire/decode-container.ts";
import { queryFlag, queryText } from "./query.ts";

type OnOne = { Params: { id: string } };
/** Bytes of an archive that are kept between two of those who pass it on. */
const AHEAD = 256 * 1024;
const STAT_HEADER = "x-docker-container-path-stat";

export function fileRoutes(app: FastifyInstance, { files }: { files: Files }): void {
  app.head<OnOne>("/containers/:id/archive", async (request, reply) => {
    const stat = await files.stat(request.params.id, queryText(request.query, "path") ?? "");
    return reply.header(STAT_HEADER, encode(stat)).send();
  });

  app.get<OnOne>("/containers/:id/archive", async (request, reply) => {
    const archive = await files.get(request.params.id, queryText(request.query, "path") ?? "");
    reply.header(STAT_HEADER, encode(archive.stat)).type("application/x-tar");
    return sendArchive(reply, archive);
  });

  app.put<OnOne>("/containers/:id/archive", async (request, reply) => {
    const { body, query } = request;
    await files.put({
      ref: request.params.id,
      path: queryText(query, "path") ?? "",
      archive: body instanceof Readable ? received(body) : nothing(),
      copyUIDGID: queryFlag(query, "copyUIDGID"),
      noOverwriteDirNonDir: queryFlag(query, "noOverwriteDirNonDir"),
    });
    return reply.send();
  });

  app.get<OnOne>("/containers/:id/changes", async (request) => {
    const changes = await files.changes(request.params.id);
    return changes.length > 0 ? changes : null;
  });

  app.get<OnOne>("/containers/:id/export", async (request, reply) => {
    const archive = await files.export(request.params.id);
    return sendArchive(reply.type("application/octet-stream"), archive);
  });

  app.post("/commit", async (request, reply) => {
    const text = (name: string) => queryText(request.query, name) ?? "";
    const Id = await files.commit({
      container: text("container"),
      repo: text("repo"),
      tag: text("tag"),
      comment: text("comment"),
      author: text("author"),
      changes: changeLines(request.query),
      pause: text("pause") === "" || queryFlag(request.query, "pause"),
      config: request.body === undefined || request.body === null ? undefined : decodeCreate(request.body).config,
    });
    return reply.code(201).send({ Id });
  });
}

/** A refused archive is not read to its end, but its connection must live on for the answer. */
async function* received(body: Readable): AsyncGenerator<Buffer[]> {
  try {
    yield* inBatches(body, AHEAD);
  } catch (error) {
    // The only way in which a request's body fails: nobody is left to be answered.
    throw new EngineError("invalid", "the client has gone", { cause: error });
  } finally {
    // Many clients read the answer only when they have sent all: the rest is taken in and forgotten.
    body.resume();
  }
}

async function* nothing(): AsyncGenerator<Buffer[]> {}

function encode(stat: object): string {
  return Buffer.from(JSON.stringify(stat)).toString("base64");
}

/** Closed when it has been read, or when the client has gone. */
function sendArchive(reply: FastifyReply, { tar, close }: { tar: AsyncIterable<Buffer[]>; close(): void }) {
  if (reply.raw.destroyed) close();
  else reply.raw.once("close", close);
  return reply.send(outOfBatches(tar, AHEAD));
}

/** Given several times, or as one text with a line for each. */
function changeLines(query: unknown): string[] {
  const all: unknown = typeof query === "object" && query !== null ? Reflect.get(query, "changes") : undefined;
  return [all].flat().flatMap((text) => (typeof text === "string" ? text.split("\n") : []));
}
