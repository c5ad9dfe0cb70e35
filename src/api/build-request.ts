/** The classic protocol's request: options in the query, the context in the body. */
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import type { BuildRequest, Builds } from "../engine/build/index.ts";
import { InvalidInput } from "../lib/invalid-input.ts";
import { decodeRegistryConfig } from "../wire/registry-auth.ts";
import { json, jsonMap, queryTexts } from "./build-query.ts";
import { queryFlag, queryText } from "./routes/query.ts";

/** @throws InvalidInput on what cannot be read */
export function buildRequest({ query, body, headers }: FastifyRequest, builds: Builds): BuildRequest {
  const text = (name: string) => queryText(query, name) ?? "";
  const flag = (name: string, otherwise: boolean) =>
    queryText(query, name) === undefined ? otherwise : queryFlag(query, name);
  const auths = decodeRegistryConfig(headers["x-registry-config"]);
  return {
    source: builds.archiveSource(received(body), text("dockerfile") || "Dockerfile"),
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

/** An archive in a body. One that is refused is not read to its end, but its connection must live on for the answer. */
export async function* received(body: unknown): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) return;
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } finally {
    body.resume();
  }
}
