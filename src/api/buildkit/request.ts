/** What BuildKit's Dockerfile frontend is asked for, in texts -> the engine's own request. */
import type { BuildRequest, Builds, NamedContext } from "../../engine/build/index.ts";
import type { SourceTree } from "../../engine/build/ports.ts";
import { invalid } from "../../engine/errors.ts";
import { once } from "../../lib/once.ts";
import { credentialsOf, secretOf } from "./callbacks.ts";
import type { Session } from "./sessions.ts";
import { sessionSource } from "./source.ts";

/** What buildx and compose may send that says nothing about the result. */
const WITHOUT_EFFECT = /^(vcs:|frontend\.caps$|multi-platform$|cache-imports$|cache-from$|source$|cmdline$)/;

/**
 * @param attributes as `docker buildx build` sends them, "build-arg:V" => "1"
 * @param entitlements of --allow: "network.host"
 * @throws EngineError invalid on what is not known, or not supported: nothing is left out silently
 */
export function buildRequest(
  { attributes, entitlements }: { attributes: Readonly<Record<string, string>>; entitlements: string[] },
  deps: {
    session: Session;
    /** A context that is an archive. @throws EngineError invalid */
    archive: (context: string) => AsyncIterable<Buffer>;
  } & Pick<Builds, "openTree" | "archiveSource">,
): BuildRequest {
  const { session } = deps;
  const named = new Map<string, string>();
  const buildArgs = new Map<string, string>();
  const labels = new Map<string, string>();
  const plain = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) {
    const [, kind = "", rest = ""] = /^(build-arg|label|context):(.*)$/s.exec(name) ?? [];
    if (kind === "build-arg") buildArgs.set(rest, value);
    else if (kind === "label") labels.set(rest, value);
    else if (kind === "context") named.set(rest, value);
    else if (!WITHOUT_EFFECT.test(name)) plain.set(name, value);
  }
  const take = (name: string): string => {
    const value = plain.get(name) ?? "";
    plain.delete(name);
    return value;
  };
  if (take("requestid") !== "") throw invalid("questions about a Dockerfile (--call, --check) are not supported");
  const noCache = plain.has("no-cache");
  const noCacheStages = take("no-cache");
  if (noCacheStages !== "") throw invalid(`--no-cache-filter is not supported: ${noCacheStages}`);
  const platform = take("platform");
  if (platform.includes(",")) throw invalid(`only one platform at a time can be built: ${platform}`);

  const dockerfile = take("filename") || "Dockerfile";
  const source = sessionSource(deps, {
    dockerfile,
    dockerfileDirectory: take("dockerfilekey") || "dockerfile",
    contextDirectory: take("contextkey") || "context",
  });
  const context = take("context");
  const request: BuildRequest = {
    source: context === "" ? source : deps.archiveSource(deps.archive(context), dockerfile),
    tags: [],
    ...{ buildArgs, labels: Object.fromEntries(labels), target: take("target"), noCache },
    ...{ remove: true, forceRemove: true },
    pull: take("image-resolve-mode") === "pull",
    platform: platform.toLowerCase(),
    hostConfig: hostConfigOf(take),
    credentials: (domain) => credentialsOf(session, domain),
    dialect: "buildkit",
    hostNetwork: entitlements.includes("network.host"),
    contexts: new Map([...named].map(([name, value]) => [name.toLowerCase(), namedContext(value, source.directory)])),
    secret: (id) => secretOf(session, id),
  };
  if (plain.size > 0) throw invalid(`not supported by this engine: ${[...plain.keys()].join(", ")}`);
  return request;
}

/** "docker-image://busybox", "local:NAME" */
function namedContext(value: string, directory: (name: string) => Promise<SourceTree>): NamedContext {
  const [, kind = "", rest = ""] = /^(docker-image:\/\/|local:)(.*)$/s.exec(value) ?? [];
  if (kind === "") throw invalid(`--build-context can be a directory or docker-image://…, not ${value}`);
  return kind === "local:" ? { files: once(() => directory(rest)) } : { image: rest };
}

/** Of the containers of RUN. */
function hostConfigOf(take: (name: string) => string): object {
  const list = (name: string) => take(name).split(",").filter(Boolean);
  const extraHosts = list("add-hosts").map((host) => host.replace("=", ":"));
  const ulimits = list("ulimit").map(ulimitOf);
  const shmSize = take("shm-size");
  const hostname = take("hostname");
  if (hostname !== "") throw invalid("a hostname for RUN is not supported");
  return {
    NetworkMode: take("force-network-mode") || "default",
    CgroupParent: take("cgroup-parent"),
    ...(extraHosts.length > 0 && { ExtraHosts: extraHosts }),
    ...(ulimits.length > 0 && { Ulimits: ulimits }),
    ...(shmSize !== "" && { ShmSize: Number(shmSize) }),
  };
}

/** "nofile=1024:2048" */
function ulimitOf(text: string): { Name: string; Soft: number; Hard: number } {
  const [, name = "", soft = "", hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === "") throw invalid(`invalid ulimit: ${text}`);
  return { Name: name, Soft: Number(soft), Hard: Number(hard) };
}
