/** Builds, wired for routes and the composition root. */
import { exclusiveByName } from "../volumes/state.ts";
import { type BuildDeps, type BuildRequest, type BuildSource, buildImage, type Output } from "./build-image.ts";
import { archiveSource } from "./context.ts";
import { type ImageFiles, imageFiles } from "./image-files.ts";
import type { SourceTree } from "./ports.ts";
import { type BuildCache, listCaches, pruneCaches } from "./run-caches.ts";

export type { BuildEvent, BuildRequest, BuildSource, NamedContext, Output } from "./build-image.ts";
export type { Dialect } from "./dockerfile/instruction.ts";
export type { BuildCache } from "./run-caches.ts";
export type Builds = ReturnType<typeof createBuilds>;

export function createBuilds(given: Omit<BuildDeps, "turns">) {
  const deps: BuildDeps = { ...given, turns: exclusiveByName() };
  const underWay = new Map<string, AbortController>();
  return {
    /** @param image its id. @throws EngineError not-found */
    imageFiles: (image: string): Promise<ImageFiles> => imageFiles(deps, image),
    /** A tar archive's files, nothing of it unpacked. @throws EngineError invalid */
    openTree: (archive: AsyncIterable<Buffer>): Promise<SourceTree> => deps.host.openTree(archive),
    /** Of the classic protocol's body. */
    archiveSource: (archive: AsyncIterable<Buffer>, dockerfile: string): BuildSource =>
      archiveSource(deps.host, archive, dockerfile),
    /** @param id by which it can be cancelled, "" for none */
    async build(id: string, request: BuildRequest, output: Output, signal: AbortSignal): Promise<string> {
      const cancel = new AbortController();
      if (id !== "") underWay.set(id, cancel);
      try {
        return await buildImage(deps, request, output, AbortSignal.any([signal, cancel.signal]));
      } finally {
        if (underWay.get(id) === cancel) underWay.delete(id);
      }
    },
    /** Of RUN --mount=type=cache. */
    caches: (): Promise<BuildCache[]> => listCaches(deps),
    /** @returns those that are gone: no step had them */
    pruneCaches: (): Promise<BuildCache[]> => pruneCaches(deps),
    /** A build that nobody knows is no error: it has ended. */
    cancel: (id: string) => underWay.get(id)?.abort(),
  };
}
