/** Builds that clients of BuildKit's have under way: one is asked for by several calls at once, in any order. */
import type { SolveRequest } from "../../wire/buildkit/messages.ts";
import { createProgress, type Progress } from "./progress.ts";

export type Outcome = { ref: string } | { error: string };

export type KitBuild = {
  progress: Progress;
  /** What Solve has asked for. */
  asked: PromiseWithResolvers<SolveRequest>;
  /** What the client's side of the frontend has come to. */
  returned: PromiseWithResolvers<Outcome>;
  /** A context that the client sends by a request of its own. */
  uploaded: PromiseWithResolvers<AsyncIterable<Buffer>>;
  /** ref -> image */
  results: Map<string, string>;
  /** fires when the build is given up */
  cancel: AbortController;
};

export type KitBuilds = ReturnType<typeof createKitBuilds>;

/** How long one that is over is kept, for a status that is asked for late. */
const KEPT_MS = 10_000;

/** @param nowNano nanoseconds since 1970 */
export function createKitBuilds(nowNano: () => bigint) {
  const builds = new Map<string, KitBuild>();
  return {
    /** The build of that ref, from the first call about it. */
    of(ref: string): KitBuild {
      const known = builds.get(ref);
      if (known) return known;
      const build: KitBuild = {
        progress: createProgress(ref, nowNano),
        asked: Promise.withResolvers(),
        returned: Promise.withResolvers(),
        uploaded: Promise.withResolvers(),
        results: new Map(),
        cancel: new AbortController(),
      };
      builds.set(ref, build);
      return build;
    },
    /** Nothing more is to come of it. */
    over(ref: string): void {
      const build = builds.get(ref);
      if (!build) return;
      build.cancel.abort();
      build.progress.end();
      setTimeout(() => builds.delete(ref), KEPT_MS).unref();
    },
  };
}
