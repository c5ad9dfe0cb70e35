/** BuildKit's "dockerfile.v0": the Dockerfile's way to an image, by the engine's own builder. */
import { randomBytes } from "node:crypto";
import type { Builds } from "../../engine/build/index.ts";
import { invalid } from "../../engine/errors.ts";
import type { KitBuild } from "./builds.ts";
import { failureText } from "./failure.ts";
import { buildRequest } from "./request.ts";
import type { Sessions } from "./sessions.ts";
import { archiveInSession, UPLOADED, type Uploads } from "./uploads.ts";

const FRONTEND = "dockerfile.v0";

export type FrontendDeps = { builds: Builds; sessions: Sessions; uploads: Uploads };
/** @property id by which it can be cancelled beside, "" or none for none */
export type Asked = {
  frontend: string;
  attributes: Record<string, string>;
  id?: string;
};

/**
 * @param signal of the call, which ends the work as the build's own end does
 * @returns a ref of the image, known to the build
 * @throws EngineError, InvalidInput, CommandFailed, GrpcError
 */
export async function runFrontend(
  { builds, sessions, uploads }: FrontendDeps,
  build: KitBuild,
  { frontend, attributes, id = "" }: Asked,
  signal: AbortSignal,
): Promise<string> {
  if (frontend !== FRONTEND) {
    throw invalid(`this engine builds Dockerfiles (${FRONTEND}) only, not ${JSON.stringify(frontend)}`);
  }
  const signals = AbortSignal.any([signal, build.signal]);
  const { entitlements } = build;
  const session = await sessions.find(build.session, signals);
  const archive = (context: string) =>
    context === UPLOADED ? uploads.take(id, signals) : archiveInSession(session, context);
  const request = buildRequest({ attributes, entitlements }, { ...builds, session, archive });
  const { source } = request;
  const name = attributes.filename || "Dockerfile";
  const told = {
    ...source,
    dockerfile: () => build.progress.during(`[internal] load build definition from ${name}`, () => source.dockerfile()),
    context: () => build.progress.during("[internal] load build context", () => source.context()),
  };
  try {
    const image = await builds.build(id, { ...request, source: told }, build.progress.output, signals);
    const ref = randomBytes(12).toString("hex");
    build.results.set(ref, image);
    return ref;
  } catch (error) {
    build.progress.failed(failureText(error));
    throw error;
  }
}
