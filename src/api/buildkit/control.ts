/**
 * BuildKit's service Control and its LLBBridge, as buildx and compose call them for one build:
 *
 *     Control/Solve      ───────────────── open until the image is exported ─────────────────>  what was exported
 *     Control/Status     ───────────────── open all the time: vertexes, logs ───────────────>
 *     LLBBridge/Ping, Solve (the Dockerfile is built), Return (that is to be exported)
 */
import type { BuildCache } from "../../engine/build/index.ts";
import type { Images } from "../../engine/images/images.ts";
import { GrpcError, STATUS } from "../../lib/grpc/frames.ts";
import type { Call, Method } from "../../lib/grpc/server.ts";
import { orAborted } from "../../lib/or-aborted.ts";
import {
  MESSAGES,
  type Result,
  type SolveRequest,
  type UsageRecord,
  type WorkerRecord,
} from "../../wire/buildkit/messages.ts";
import type { KitBuild, KitBuilds, Outcome } from "./builds.ts";
import { type Exporter, exportImage } from "./export.ts";
import { type FrontendDeps, runFrontend } from "./frontend.ts";

export type ControlDeps = FrontendDeps & { kitBuilds: KitBuilds; images: Images; version: string };

const CONTROL = "/moby.buildkit.v1.Control/";
const BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/";
const BUILD_ID = "buildkit-controlapi-buildid";
/** What the client may count on. Without it, it speaks older forms. */
const CAPS = [
  "solve.base",
  "return",
  "returnmap",
  "proto.refarray",
  "gateway.solve.metadata",
  "gateway.solve.evaluate",
];

export function controlMethods(deps: ControlDeps): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    [`${CONTROL}Solve`, (call) => solve(deps, call)],
    [`${CONTROL}Status`, (call) => status(deps, call)],
    [`${CONTROL}ListWorkers`, () => one(MESSAGES.listWorkersResponse.encode({ record: [worker(deps)] }))],
    [`${CONTROL}Info`, () => one(MESSAGES.infoResponse.encode({ buildkitVersion: worker(deps).BuildkitVersion }))],
    [`${CONTROL}DiskUsage`, () => diskUsage(deps)],
    [`${CONTROL}Prune`, () => prune(deps)],
    [`${BRIDGE}Ping`, (call) => ping(deps, call)],
    [`${BRIDGE}Solve`, (call) => bridgeSolve(deps, call)],
    [`${BRIDGE}Return`, (call) => bridgeReturn(deps, call)],
  ]);
}

async function* one(message: Uint8Array) {
  yield message;
}

async function request({ requests }: Call): Promise<Buffer> {
  let asked: Buffer | undefined;
  // To its end: a stream that is left in the middle is destroyed.
  for await (const message of requests) asked ??= message;
  if (!asked) throw new GrpcError(STATUS.invalidArgument, "the request is missing");
  return asked;
}

function worker({ images: { host }, version }: ControlDeps): WorkerRecord {
  return {
    ID: "cloche",
    Labels: { "org.mobyproject.buildkit.worker.executor": "cloche" },
    platforms: [{ OS: host.os, Architecture: host.architecture, Variant: host.variant ?? "" }],
    BuildkitVersion: { package: "cloche", version: `v${version}`, revision: "" },
  };
}

/** The caches of RUN --mount; the steps' own cache is their images. */
async function* diskUsage({ builds }: ControlDeps) {
  yield MESSAGES.diskUsageResponse.encode({ record: (await builds.caches()).map(usageRecord) });
}

async function* prune({ builds }: ControlDeps) {
  for (const cache of await builds.pruneCaches()) yield MESSAGES.usageRecord.encode(usageRecord(cache));
}

function usageRecord({ name, id, size, inUse, createdAt }: BuildCache): UsageRecord {
  return {
    ...{ ID: name, Mutable: true, InUse: inUse, Size: size, Description: `cached mount ${id}` },
    ...{ RecordType: "exec.cachemount", CreatedAt: { seconds: createdAt, nanos: 0 } },
  };
}

async function* solve(deps: ControlDeps, call: Call) {
  const asked = MESSAGES.solveRequest.decode(await request(call));
  const { Ref: ref, Session: session, Entitlements: entitlements } = asked;
  const build = deps.kitBuilds.begin(ref, { session, entitlements, signal: call.signal });
  try {
    const response = await exported(deps, build, asked).finally(() => build.progress.settled());
    yield MESSAGES.solveResponse.encode({ ExporterResponse: response });
  } finally {
    build.over();
  }
}

/** @returns what was exported */
async function exported(deps: ControlDeps, build: KitBuild, asked: SolveRequest): Promise<Record<string, string>> {
  const image = await solvedImage(deps, build, asked);
  return exportImage(deps, { build, exporters: exportersOf(asked), image });
}

function exportersOf({ Exporters: exporters, Exporter: type, ExporterAttrs: attributes }: SolveRequest): Exporter[] {
  // Clients of before 2024 name one.
  return exporters.length > 0 || type === "" ? exporters : [{ Type: type, Attrs: attributes }];
}

/** @returns the image's id, undefined where the client came to none */
async function solvedImage(
  deps: ControlDeps,
  build: KitBuild,
  { Definition: definition, Frontend: frontend, FrontendAttrs: attributes }: SolveRequest,
): Promise<string | undefined> {
  refuseDefinition(definition);
  if (frontend !== "") return build.results.get(await runFrontend(deps, build, { frontend, attributes }, build.signal));
  const outcome = await orAborted(build.signal, build.returned.promise, cancelled);
  if ("error" in outcome) throw new GrpcError(STATUS.unknown, outcome.error);
  if (outcome.ref !== "" && !build.results.has(outcome.ref)) {
    throw new GrpcError(STATUS.invalidArgument, `unknown result ${outcome.ref}`);
  }
  return build.results.get(outcome.ref);
}

function refuseDefinition(definition: SolveRequest["Definition"]): void {
  if (definition && definition.def.length > 0) {
    throw new GrpcError(STATUS.unimplemented, "this engine builds Dockerfiles only: LLB is not supported");
  }
}

const cancelled = () => new GrpcError(STATUS.cancelled, "context canceled");

async function* status({ kitBuilds }: ControlDeps, call: Call) {
  const { Ref: ref } = MESSAGES.statusRequest.decode(await request(call));
  const { progress } = await kitBuilds.find(ref, call.signal);
  for await (const update of progress.updates(call.signal)) yield MESSAGES.statusResponse.encode(update);
}

/** Which build a call to the bridge is about. */
async function buildOf({ kitBuilds }: ControlDeps, { metadata, signal }: Call): Promise<KitBuild> {
  const ref = metadata[BUILD_ID];
  if (typeof ref !== "string") throw new GrpcError(STATUS.invalidArgument, `${BUILD_ID} is missing`);
  return kitBuilds.underWay(ref, signal);
}

async function* ping(deps: ControlDeps, call: Call) {
  await buildOf(deps, call);
  yield MESSAGES.pongResponse.encode({
    FrontendAPICaps: CAPS.map((ID) => ({ ID, Enabled: true })),
    LLBCaps: [],
    Workers: [worker(deps)],
  });
}

async function* bridgeSolve(deps: ControlDeps, call: Call) {
  const {
    Definition: definition,
    Frontend: frontend,
    FrontendOpt: attributes,
  } = MESSAGES.bridgeSolveRequest.decode(await request(call));
  refuseDefinition(definition);
  const id = await runFrontend(deps, await buildOf(deps, call), { frontend, attributes }, call.signal);
  yield MESSAGES.bridgeSolveResponse.encode({ result: { ref: { id }, metadata: {} } });
}

async function* bridgeReturn(deps: ControlDeps, call: Call) {
  const { result, error } = MESSAGES.returnRequest.decode(await request(call));
  (await buildOf(deps, call)).returned.resolve(outcomeOf(result, error));
  yield MESSAGES.empty.encode({});
}

function outcomeOf(result: Result | null, error: { code: number; message: string } | null): Outcome {
  if (error && error.code !== STATUS.ok) return { error: error.message };
  const several = Object.values(result?.refs?.refs ?? {});
  if (several.length > 1) return { error: "only one result at a time can be exported" };
  return { ref: result?.ref?.id ?? several[0]?.id ?? result?.refDeprecated ?? "" };
}
