/** docker build by the classic protocol: the context is the body, a stream of JSON lines the answer. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CommandFailed } from "../../engine/build/build.ts";
import type { BuildRequest, Builds } from "../../engine/build/index.ts";
import { invalid, notImplemented } from "../../engine/errors.ts";
import { InvalidInput } from "../../lib/invalid-input.ts";
import { isObject } from "../../lib/is-object.ts";
import { spoolTo } from "../../lib/spool.ts";
import { jsonLine } from "../../wire/json-lines.ts";
import { decodeRegistryConfig } from "../../wire/registry-auth.ts";
import { buildMessages } from "../build-messages.ts";
import type { Buildkit } from "../buildkit/index.ts";
import type { PostedBuild } from "../buildkit/posted.ts";
import { queryFlag, queryText } from "./query.ts";

export type BuildRoutesDeps = { builds: Builds; buildkit: () => Promise<Buildkit> };

export function buildRoutes(app: FastifyInstance, { builds, buildkit }: BuildRoutesDeps): void {
  app.post("/build", async (request, reply) => {
    const { query } = request;
    refuseUnsupported(query);
    if (queryText(query, "version") === "2") {
      const kit = await buildkit();
      const upload = uploadFor(query);
      if (upload !== "") {
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        await kit.upload(
          upload,
          request.body instanceof Readable ? received(request.body) : Readable.from([]),
          gone.signal,
        );
        return reply.send();
      }
      const asked = postedBuild(query);
      await answer(reply, queryFlag(query, "q"), (tell, signal) => kit.build(asked, tell, signal));
      return reply;
    }
    const asked = buildRequest(request, builds);
    const id = queryText(query, "buildid") ?? "";
    await answer(reply, queryFlag(query, "q"), (tell, signal) =>
      builds.build(id, asked, (event) => buildMessages(event).forEach(tell), signal),
    );
    return reply;
  });
  // Of RUN --mount=type=cache only: the steps' own cache is their images, which `image prune` removes.
  app.post("/build/prune", async () => {
    const gone = await builds.pruneCaches();
    return {
      CachesDeleted: gone.length > 0 ? gone.map(({ name }) => name) : null,
      SpaceReclaimed: gone.reduce((sum, { size }) => sum + size, 0),
    };
  });
  app.post("/build/cancel", async (request, reply) => {
    const id = queryText(request.query, "id") ?? "";
    if (id === "") throw invalid("build ID not provided");
    builds.cancel(id);
    return reply.send();
  });
}

/** Which build a context is for that is the body; "" for none. */
function uploadFor(query: unknown): string {
  return /^upload-request:(.+)$/s.exec(queryText(query, "buildid") ?? "")?.[1] ?? "";
}

function refuseUnsupported(query: unknown): void {
  const text = (name: string) => queryText(query, name) ?? "";
  if (text("version") === "2" && uploadFor(query) !== "") return;
  const session = text("session") !== "";
  if (session !== (text("version") === "2")) {
    throw notImplemented(
      "BuildKit (version=2) builds what a session has (remote=client-session): for a context in the body, DOCKER_BUILDKIT=0",
    );
  }
  if (text("remote") !== "" && !session) {
    throw notImplemented("a build's context by URL is not supported: fetch it, and build from the directory");
  }
  if (queryFlag(query, "squash")) throw invalid("squash is only supported with experimental mode");
}

/** @throws InvalidInput on what cannot be read */
function buildRequest({ query, body, headers }: FastifyRequest, builds: Builds): BuildRequest {
  const text = (name: string) => queryText(query, name) ?? "";
  const flag = (name: string, otherwise: boolean) =>
    queryText(query, name) === undefined ? otherwise : queryFlag(query, name);
  const auths = decodeRegistryConfig(headers["x-registry-config"]);
  return {
    source: builds.archiveSource(
      body instanceof Readable ? received(body) : Readable.from([]),
      text("dockerfile") || "Dockerfile",
    ),
    tags: queryTexts(query, "t"),
    buildArgs: new Map(Object.entries(jsonMap(text("buildargs"), "error reading build args"))),
    labels: labelsOf(text("labels")),
    target: text("target"),
    noCache: flag("nocache", false),
    remove: flag("rm", true),
    forceRemove: flag("forcerm", false),
    pull: flag("pull", false),
    platform: text("platform").toLowerCase(),
    hostConfig: hostConfigOf(query),
    // Ours alone: docker's clients ask for BuildKit's dialect by its protocol.
    dialect: text("dialect") === "buildkit" ? "buildkit" : "classic",
    contexts: new Map(),
    secret: async () => undefined,
    credentials: (domain) => auths.get(domain) ?? {},
  };
}

/** The same options in the words of BuildKit's frontend. */
function postedBuild(query: unknown): PostedBuild {
  const text = (name: string) => queryText(query, name) ?? "";
  const attributes: Record<string, string> = {};
  const set = (name: string, value: string) => {
    if (value !== "") attributes[name] = value;
  };
  const map = (name: string) => Object.entries(jsonMap(text(name), `error reading ${name}`));
  // One without a value is as if it were not given, an empty one is.
  for (const [name, value] of map("buildargs")) if (value !== null) attributes[`build-arg:${name}`] = value;
  for (const [name, value] of map("labels")) attributes[`label:${name}`] = value ?? "";
  // Else it is one that the session does not have: an archive, a URL.
  if (text("remote") !== "client-session") set("context", text("remote"));
  set("filename", text("dockerfile"));
  set("target", text("target"));
  set("platform", text("platform"));
  set("force-network-mode", text("networkmode"));
  set("cgroup-parent", text("cgroupparent"));
  set("shm-size", text("shmsize") === "0" ? "" : text("shmsize"));
  set(
    "add-hosts",
    queryTexts(query, "extrahosts")
      .join(",")
      .replace(/(^|,)([^:,]+):/g, "$1$2="),
  );
  if (queryFlag(query, "nocache")) attributes["no-cache"] = "";
  if (queryFlag(query, "pull")) set("image-resolve-mode", "pull");
  const outputs = text("outputs") === "" ? null : json(text("outputs"), "error reading outputs");
  const exporters = Array.isArray(outputs) ? outputs.map(exporterOf) : [];
  const names = queryTexts(query, "t").join(",");
  return {
    id: text("buildid") || text("session"),
    session: text("session"),
    attributes,
    exporters: exporters.length > 0 ? exporters : [{ Type: "moby", Attrs: { name: names } }],
  };
}

function exporterOf(value: unknown): PostedBuild["exporters"][number] {
  const { Type, Attrs } = isObject(value) ? value : {};
  const entries = isObject(Attrs) ? Object.entries(Attrs) : [];
  if (typeof Type !== "string") throw new InvalidInput("error reading outputs");
  return { Type, Attrs: Object.fromEntries(entries.map(([name, item]) => [name, String(item)])) };
}

/** Limits and networks of the containers of RUN; checked where the container is made. */
function hostConfigOf(query: unknown): object {
  const text = (name: string) => queryText(query, name) ?? "";
  const number = (name: string) => {
    const value = Number(text(name));
    if (!Number.isSafeInteger(value))
      throw new InvalidInput(`strconv.ParseInt: parsing "${text(name)}": invalid syntax`);
    return value;
  };
  const ulimits = text("ulimits");
  const hosts = queryTexts(query, "extrahosts").flatMap((host) => host.split(","));
  return {
    NetworkMode: text("networkmode"),
    Memory: number("memory"),
    MemorySwap: number("memswap"),
    CpuShares: number("cpushares"),
    CpuPeriod: number("cpuperiod"),
    CpuQuota: number("cpuquota"),
    CpusetCpus: text("cpusetcpus"),
    CpusetMems: text("cpusetmems"),
    CgroupParent: text("cgroupparent"),
    ShmSize: number("shmsize"),
    ...(hosts.length > 0 && { ExtraHosts: hosts }),
    ...(ulimits !== "" && ulimits !== "null" && { Ulimits: json(ulimits, "error reading ulimit settings") }),
  };
}

function labelsOf(text: string): Record<string, string> {
  const map = jsonMap(text, "error reading labels");
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, value ?? ""]));
}

function json(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput(`${complaint}: invalid JSON: ${(cause as Error).message}`, { cause });
  }
}

function jsonMap(text: string, complaint: string): Record<string, string | null> {
  const value = text === "" ? null : json(text, complaint);
  if (value === null) return {};
  const pairs = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (!pairs?.every(([, item]) => typeof item === "string" || item === null)) throw new InvalidInput(complaint);
  return Object.fromEntries(pairs);
}

function queryTexts(query: unknown, name: string): string[] {
  const all: unknown = typeof query === "object" && query !== null ? Reflect.get(query, name) : undefined;
  return [all].flat().filter((one) => typeof one === "string");
}

/** A refused context is not read to its end, but its connection must live on for the answer. */
async function* received(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } finally {
    body.resume();
  }
}

/** What a client that reads slowly may leave unread: in memory, then on disk; then it is cut off. */
const UNREAD = { memory: 4 * 1024 * 1024, disk: 1024 ** 3 };

/**
 * What fails before the first line has a status; after it, the last line tells.
 * @param quiet only the image's id is told, or what led to the failure
 */
async function answer(
  reply: FastifyReply,
  quiet: boolean,
  work: (tell: (message: object) => void, signal: AbortSignal) => Promise<string>,
): Promise<void> {
  const response = reply.raw;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const spool = spoolTo(response, UNREAD);
  const held: object[] = [];
  let begun = false;
  const write = (message: object) => {
    if (!begun) {
      begun = true;
      reply.hijack();
      response.writeHead(200, { "Content-Type": "application/json" });
    }
    if (!spool.write([Buffer.from(jsonLine(message).replace(/\n$/, "\r\n"))])) response.destroy();
  };
  const tell = quiet ? (message: object) => void held.push(message) : write;
  try {
    const id = await work(tell, gone.signal);
    if (quiet) write({ stream: `${id}\n` });
  } catch (error) {
    if (!begun && held.length === 0) throw error;
    for (const message of held) write(message);
    write(failureLine(error));
  }
  await spool.flushed();
  spool.close();
  response.end();
}

function failureLine(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  return { errorDetail: { ...(error instanceof CommandFailed && { code: error.code }), message }, error: message };
}
