/** The Image and Distribution operations of the API. Bodies of create and load are streams (bodies.ts). */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { invalid, notImplemented } from "../../engine/errors.ts";
import type { Images } from "../../engine/images/images.ts";
import { LIST_FILTERS } from "../../engine/images/list.ts";
import { PRUNE_FILTERS } from "../../engine/images/prune.ts";
import { InvalidInput } from "../../lib/invalid-input.ts";
import { parseFilters } from "../../wire/filters.ts";
import { normalise, type Platform, parsePlatform } from "../../wire/platform.ts";
import { parseReference, type Reference, withDigest, withTag } from "../../wire/reference.ts";
import { decodeRegistryAuth } from "../../wire/registry-auth.ts";
import { answerWithProgress } from "./images-progress.ts";
import { queryFlag, queryText } from "./query.ts";

type Named = { Params: { name: string } };

export function imageRoutes(app: FastifyInstance, { images }: { images: Images }): void {
  app.get("/images/json", async (request) => {
    const query = queryOf(request);
    return images.list({
      all: query.flag("all"),
      sharedSize: query.flag("shared-size"),
      filters: parseFilters(query.text("filters"), LIST_FILTERS),
    });
  });
  app.post("/images/create", async (request, reply) => {
    const source = queryOf(request).text("fromSrc");
    if (source !== "") return importArchive(images, request, reply, source);
    bodyOf(request).resume();
    return pull(images, request, reply);
  });
  app.get<Named>("/images/:name/json", async ({ params }) => images.inspect(params.name));
  app.get<Named>("/images/:name/history", async ({ params }) => images.history(params.name));
  app.post<Named>("/images/:name/tag", async (request, reply) => {
    const query = queryOf(request);
    images.tag(request.params.name, { repo: query.text("repo"), tag: query.text("tag") });
    return reply.code(201).send();
  });
  app.post<Named>("/images/:name/push", async (request, reply) => push(images, request, reply));
  app.delete<Named>("/images/:name", async (request) => {
    const query = queryOf(request);
    return images.remove(request.params.name, { force: query.flag("force"), prune: !query.flag("noprune") });
  });
  app.post("/images/prune", async (request) =>
    images.prune(parseFilters(queryOf(request).text("filters"), PRUNE_FILTERS)),
  );
  app.get("/images/search", async () => {
    throw notImplemented("searching Docker Hub is not implemented");
  });
  app.get("/images/get", async (request, reply) => {
    const names = queryOf(request).texts("names");
    if (names.length === 0) throw invalid("names are required");
    return reply.type("application/x-tar").send(images.save(names));
  });
  app.get<Named>("/images/:name/get", async ({ params }, reply) =>
    reply.type("application/x-tar").send(images.save([params.name])),
  );
  app.post("/images/load", async (request, reply) => {
    const query = queryOf(request);
    const platform = jsonPlatform(query.text("platform"));
    const options = { quiet: query.flag("quiet"), ...(platform ? { platform } : {}) };
    await answerWithProgress(reply, (report) => images.load(bodyOf(request), options, report));
    return reply;
  });
  app.get<Named>("/distribution/:name/json", async ({ params, headers }) => {
    const auth = decodeRegistryAuth(headers["x-registry-auth"]);
    return images.distribution(params.name, auth);
  });
}

async function pull(images: Images, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = queryOf(request);
  const reference = pullReference(query.text("fromImage"), query.text("tag"));
  const wanted = query.text("platform");
  const platform = wanted === "" ? undefined : parsePlatform(wanted, images.host);
  const auth = decodeRegistryAuth(request.headers["x-registry-auth"]);
  await answerWithProgress(reply, (report, signal) =>
    images.pull({ reference, auth, signal, ...(platform ? { platform } : {}) }, report),
  );
  return reply;
}

/** `tag` may be a digest; a digest in the name beats it. With neither, all tags are meant. */
function pullReference(fromImage: string, tag: string): Reference {
  const reference = parseReference(fromImage);
  if (reference.digest) return withDigest(reference, reference.digest);
  if (tag === "") return reference;
  return tag.includes(":") ? withDigest(reference, tag) : withTag(reference, tag);
}

async function importArchive(images: Images, request: FastifyRequest, reply: FastifyReply, source: string) {
  if (source !== "-")
    throw notImplemented("import from a URL is not implemented: give the archive as the request's body");
  const query = queryOf(request);
  const repo = query.text("repo");
  await answerWithProgress(reply, async (report) => {
    const image = await images.import(bodyOf(request), {
      repo,
      tag: query.text("tag"),
      message: query.text("message"),
      changes: query.texts("changes"),
      platform: query.text("platform"),
    });
    report({ status: image.id });
  });
  return reply;
}

async function push(images: Images, request: FastifyRequest<Named>, reply: FastifyReply): Promise<FastifyReply> {
  const tag = queryOf(request).text("tag");
  const named = parseReference(request.params.name);
  const { tag: _ignored, ...repository } = named;
  const reference = tag === "" ? repository : withTag(named, tag);
  const auth = decodeRegistryAuth(request.headers["x-registry-auth"]);
  await answerWithProgress(reply, (report, signal) => images.push({ reference, auth, signal }, report));
  return reply;
}

/** @returns the streamed body, or an empty stream for a request without one */
function bodyOf({ body }: FastifyRequest): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}

/** A platform as newer operations take it: a JSON object. */
function jsonPlatform(text: string): Platform | undefined {
  if (text === "") return undefined;
  const wrong = (cause?: unknown) => new InvalidInput(`failed to parse platform: ${text}`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(error);
  }
  if (typeof value !== "object" || value === null) throw wrong();
  const { os, architecture, variant } = value as Record<string, unknown>;
  if (typeof os !== "string" || typeof architecture !== "string") throw wrong();
  return normalise({ os, architecture, ...(typeof variant === "string" && variant !== "" ? { variant } : {}) });
}

/** Query parameters; a missing text is "". */
function queryOf({ query }: FastifyRequest) {
  return {
    text: (name: string) => queryText(query, name) ?? "",
    texts(name: string): string[] {
      const all: unknown = typeof query === "object" && query !== null ? Reflect.get(query, name) : undefined;
      return [all].flat().filter((one) => typeof one === "string");
    },
    flag: (name: string) => queryFlag(query, name),
  };
}
