/** The mounts of a RUN, made for as long as it takes. */
import { posix } from "node:path";
import { type UndoStack, undoStack } from "../../lib/undo.ts";
import type { Mount } from "../../wire/container.ts";
import type { Build } from "./build.ts";
import { buildCancelled } from "./cancel.ts";
import { inImage } from "./image-source.ts";
import { type WorkLayer, withLayer } from "./layer.ts";
import { cacheLabels, makeCache, takeCaches } from "./run-caches.ts";
import { copySource } from "./run-mount-copy.ts";
import { type BindSource, type FoundMount, sourceMissing } from "./run-mount-sources.ts";
import type { BindMount, CacheMount, SecretMount, TmpfsMount } from "./run-mounts.ts";
import { makeSecret } from "./run-secrets.ts";

/** What the container of the step gets more. */
export type MadeMounts = { mounts: Mount[]; environment: string[] };

/**
 * Copies and secrets lie under an id that is reserved as a container's, so that they are found and cleared away after a crash.
 * @throws EngineError invalid when a source is not there
 */
export async function withMounts<T>(
  build: Build,
  found: FoundMount[],
  work: (made: MadeMounts) => Promise<T>,
): Promise<T> {
  const { deps } = build;
  const newUndo = () => undoStack((error) => deps.log("undo of a build's mounts", { error }));
  await using undo = newUndo();
  undo.add(
    await takeCaches(
      build,
      found.flatMap(({ mount }) => (mount.type === "cache" ? mount : [])),
    ),
  );
  return await withLayer(deps, undefined, async (place) => {
    await using inPlace = newUndo();
    inPlace.add(() => deps.files.removeRuntime(place.id));
    return await work(await makeAll(build, found, { place, undo: inPlace }));
  });
}

type Making = { place: WorkLayer; undo: UndoStack };

async function makeAll(build: Build, found: FoundMount[], { place, undo }: Making): Promise<MadeMounts> {
  const made: MadeMounts = { mounts: [], environment: [] };
  for (const [number, one] of found.entries()) {
    if (build.signal.aborted) throw buildCancelled();
    const name = String(number);
    if ("source" in one) made.mounts.push(await bind(build, one, { ...place, name }));
    else if (one.mount.type === "cache") made.mounts.push(await cache(build, one.mount));
    else if (one.mount.type === "tmpfs") made.mounts.push(tmpfs(one.mount));
    else {
      const path = `${build.deps.files.of(place.id).secrets}${name}`;
      undo.add(() => build.deps.host.removeSecret(path));
      await addSecret(build, one.mount, { made, path });
    }
  }
  return made;
}

type Named = WorkLayer & { name: string };

async function bind(build: Build, one: { mount: BindMount; source: BindSource }, place: Named): Promise<Mount> {
  const { mount, source } = one;
  const ReadOnly = mount.readonly;
  if (source.kind === "image" && source.image && mount.readonly) {
    const Subpath = await directoryIn(build, mount, source);
    if (Subpath !== undefined) {
      return { ...{ Type: "image", Source: source.image.id, Target: mount.target }, ImageOptions: { Subpath } };
    }
  }
  return { Type: "bind", Source: await copySource(build, one, place), Target: mount.target, ReadOnly };
}

/** A directory of an image needs no copy where nobody writes. @returns its path without links, undefined if it is none */
async function directoryIn(
  build: Build,
  mount: BindMount,
  { image }: Extract<BindSource, { kind: "image" }>,
): Promise<string | undefined> {
  const { fileHost } = build.deps;
  const facts = await inImage(build.deps, image, mount.source, async (found, root) =>
    // The facts of a link are its own, but it says where it leads.
    found.kind === "symlink" ? fileHost.stat(root, found.target) : found,
  );
  if (!facts) throw sourceMissing(mount);
  return facts.kind === "dir" ? posix.relative("/", facts.target) : undefined;
}

async function cache({ deps }: Build, mount: CacheMount): Promise<Mount> {
  const Source = await makeCache(deps, mount);
  const { target: Target, readonly: ReadOnly } = mount;
  return { Type: "volume", Source, Target, ReadOnly, VolumeOptions: { NoCopy: true, Labels: cacheLabels(mount) } };
}

function tmpfs({ target: Target, readonly: ReadOnly, size: SizeBytes }: TmpfsMount): Mount {
  return { Type: "tmpfs", Target, ReadOnly, TmpfsOptions: { SizeBytes } };
}

type Adding = { made: MadeMounts; path: string };

async function addSecret(build: Build, mount: SecretMount, { made, path }: Adding): Promise<void> {
  const secret = await makeSecret(build, mount, path);
  if (secret?.file) made.mounts.push({ Type: "bind", Source: secret.file, Target: mount.target, ReadOnly: true });
  if (secret?.variable) made.environment.push(secret.variable);
}
