/** Builds that clients of BuildKit's have under way: the one who asks for it makes it, other calls about it find it. */
import { conflict, invalid, notFound } from "../../engine/errors.ts";
import { createArrivals } from "../../lib/arrivals.ts";
import { createProgress, type Progress } from "./progress.ts";

export type Outcome = { ref: string } | { error: string };

/** Who asks. */
export type Asker = {
  session: string;
  /** of --allow: "network.host" */
  entitlements: string[];
  /** fires when the asker is gone */
  signal: AbortSignal;
};

export type KitBuild = Omit<Asker, "signal"> & {
  progress: Progress;
  /** What the client's side of the frontend has come to. */
  returned: PromiseWithResolvers<Outcome>;
  /** ref -> image */
  results: Map<string, string>;
  /** fires when the build is given up, or over */
  signal: AbortSignal;
  over(): void;
};

export type KitBuilds = ReturnType<typeof createKitBuilds>;

/** A client may ask for its build's status before it asks for the build. */
const PATIENCE_MS = 10_000;
/** How long one that is over is kept, for a status that is asked for late. */
const KEPT_MS = 10_000;
const MAX_REF = 256;

/** @param nowNano nanoseconds since 1970 */
export function createKitBuilds(nowNano: () => bigint) {
  const builds = createArrivals<KitBuild>(PATIENCE_MS);
  const find = async (ref: string, signal: AbortSignal): Promise<KitBuild> => {
    const build = await builds.find(ref, signal);
    if (!build) throw notFound(`no such job ${ref}`);
    return build;
  };
  return {
    /** @throws EngineError invalid, conflict if one of that ref is under way */
    begin(ref: string, { session, entitlements, signal }: Asker): KitBuild {
      if (ref.length > MAX_REF) throw invalid(`a build's ref has ${MAX_REF} characters at most`);
      if (builds.get(ref)?.signal.aborted === false) throw conflict(`job ID ${ref} exists`);
      const end = new AbortController();
      const build: KitBuild = {
        ...{ session, entitlements, signal: AbortSignal.any([signal, end.signal]) },
        progress: createProgress(ref, nowNano),
        returned: Promise.withResolvers(),
        results: new Map(),
        over() {
          end.abort();
          build.progress.end();
          setTimeout(() => builds.delete(ref, build), KEPT_MS).unref();
        },
      };
      builds.set(ref, build);
      return build;
    },
    /** Under way or just over. @throws EngineError not-found if it has not come in time */
    find,
    /** @throws EngineError not-found also if it is over */
    async underWay(ref: string, signal: AbortSignal): Promise<KitBuild> {
      const build = await find(ref, signal);
      if (build.signal.aborted) throw notFound(`no such job ${ref}`);
      return build;
    },
  };
}
