/** COPY and ADD: sources from the context, an image or a URL into a new layer. No program runs; no link leads out. */
import { posix } from "node:path";
import { invalid } from "../errors.ts";
import { FileError } from "../files/ports.ts";
import type { Build, StageState } from "./build.ts";
import { findDestination } from "./destination.ts";
import type { InstructionOf } from "./dockerfile/instruction.ts";
import { type FileMode, parseMode } from "./file-mode.ts";
import { gatherSources, openedTrees } from "./gather-sources.ts";
import { madeLayer, type WorkLayer, withLayer } from "./layer.ts";
import { toBytes, toText } from "./names.ts";
import { ownerOf } from "./owner.ts";
import type { PackedEntry, SourceEntry } from "./ports.ts";
import { hashOfAll, nameIn, type Source } from "./sources.ts";
import { addStep, noCommand, useCached } from "./step-image.ts";

type Copy = InstructionOf<"COPY" | "ADD">;
type Owner = { uid: number; gid: number };

export async function copyFiles(build: Build, state: StageState, copy: Copy): Promise<void> {
  const mode = copy.chmod === "" ? undefined : parseMode(copy.chmod);
  await using opened = openedTrees();
  const sources = await gatherSources(build, copy, opened.add);
  if (sources.length > 1 && !isDirectory(build, copy)) {
    throw invalid(
      `When using ${copy.type} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  const comment = `#(nop) ${copy.type} ${flagsOf(copy)}${hashOfAll(sources)} in ${copy.target} `;
  const step = { createdBy: noCommand(state.config, comment), config: state.config };
  if (useCached(build, state, step)) return;
  await withLayer(build.deps, state.image, async (layer) => {
    await fill(build, layer, { copy, sources, mode, workdir: state.config.WorkingDir ?? "" });
    await addStep(build, state, step, await madeLayer(build.deps, layer));
  });
}

/** By its name alone. */
function isDirectory({ request }: Build, { target, parents }: Copy): boolean {
  return target.endsWith("/") || parents || (request.dialect === "buildkit" && target === ".");
}

/** Those that change what is made of the same sources. */
function flagsOf({ chown, chmod, parents }: Copy): string {
  return `${chown && `--chown=${chown} `}${chmod && `--chmod=${chmod} `}${parents ? "--parents " : ""}`;
}

/**
 * A directory for WORKDIR, if there is none.
 * @param owner "user", "user:group", "" for root
 * @throws EngineError invalid where a file is in the way
 */
export async function makeDirectory(
  build: Build,
  layer: WorkLayer,
  { path, owner }: { path: string; owner: string },
): Promise<void> {
  const destination = await findDestination(build.deps.fileHost, layer, posix.normalize(path));
  if (destination.kind === "other") throw invalid(`Cannot mkdir: ${path} is not a directory`);
  if (destination.kind !== "missing") return;
  const own = owner === "" ? undefined : await ownerOf(build, layer, owner);
  await extract(build, layer, directories([...destination.missingParents, destination.path], own));
}

type Filling = { copy: Copy; sources: Source[]; mode: FileMode | undefined; workdir: string };

async function fill(build: Build, layer: WorkLayer, { copy, sources, mode, workdir }: Filling): Promise<void> {
  const { deps } = build;
  // What comes from an image keeps its owners, what comes from outside is root's.
  const owner =
    copy.chown !== "" ? await ownerOf(build, layer, copy.chown) : copy.from === "" ? { uid: 0, gid: 0 } : undefined;
  const ownerAbove = build.request.dialect === "buildkit" ? owner : undefined;
  const asked = posix.resolve("/", workdir, copy.target);
  const common = await findDestination(deps.fileHost, layer, asked);
  const archives: { source: Source; into: string }[] = [];
  const entries: PackedEntry[] = [];
  const made = new Set<string>();
  const make = (paths: string[], own?: Owner) => {
    const fresh = paths.filter((path) => path !== "/" && !made.has(path));
    for (const path of fresh) made.add(path);
    entries.push(...directories(fresh, own));
  };
  const packed = (source: Source, entry: SourceEntry, name: string): PackedEntry => {
    const { tree, entry: top } = source;
    const own = entry.kind === "symlink" ? undefined : mode?.(entry);
    return { name, owner, tree, entry, mode: own, ...(entry !== top && { top }) };
  };
  for (const source of sources) {
    const kept = copy.parents ? keptDirectory(source) : "";
    const destination =
      kept === "" ? common : await findDestination(deps.fileHost, layer, posix.join(asked, toText(kept)));
    const unpacked =
      copy.type === "ADD" && source.entry.kind === "file" && !source.keptPacked && (await isArchive(build, source));
    if (source.entry.kind === "dir" || unpacked) {
      if (destination.kind === "other") throw failed(`cannot copy to non-directory: ${destination.path}`);
      if (destination.kind === "missing") {
        make(destination.missingParents, ownerAbove);
        make([destination.path], unpacked ? ownerAbove : owner);
      }
      if (unpacked) archives.push({ source, into: destination.path });
      else
        for (const entry of source.below.slice(1))
          entries.push(packed(source, entry, join(destination.path, nameIn(source.entry, entry))));
    } else {
      const into = copy.target.endsWith("/") || copy.parents || destination.kind === "dir";
      if (into && destination.kind === "other") throw failed(`mkdir ${destination.path}: not a directory`);
      const parents =
        destination.kind === "missing" ? [...destination.missingParents, ...(into ? [destination.path] : [])] : [];
      make(parents, owner);
      const name = posix.basename(source.name);
      entries.push(
        packed(source, source.entry, into ? join(destination.path, name) : toBytes(destination.path).slice(1)),
      );
    }
  }
  await extract(build, layer, entries);
  for (const { source, into } of archives) await extractTo(build, layer, into, source.tree.read(source.entry));
}

/** The directory below the destination into which a source is copied with --parents; a byte string, "" for none. */
function keptDirectory({ name, entry }: Source): string {
  if (entry.kind === "dir") return name;
  const directory = posix.dirname(name);
  return directory === "." ? "" : directory;
}

/** As an archive's names: below the root, byte strings. */
function join(directory: string, name: string): string {
  const path = toBytes(directory).slice(1);
  return path === "" ? name : `${path}/${name}`;
}

function directories(paths: string[], owner: Owner = { uid: 0, gid: 0 }): PackedEntry[] {
  return paths.map((path) => ({ name: toBytes(path).slice(1), owner, directory: { mode: 0o755 } }));
}

const isArchive = ({ deps }: Build, { tree, entry }: Source) => deps.host.isArchive(tree.read(entry));

async function extract(build: Build, layer: WorkLayer, entries: PackedEntry[]): Promise<void> {
  if (entries.length > 0) await extractTo(build, layer, "/", build.deps.host.pack(entries));
}

async function extractTo(
  { deps }: Build,
  { root }: WorkLayer,
  path: string,
  archive: AsyncIterable<Buffer>,
): Promise<void> {
  try {
    await deps.fileHost.extract(root, path, archive, { keepKinds: false });
  } catch (error) {
    if (error instanceof FileError) throw failed(`${error.call} ${error.path}: ${error.errno}`);
    throw error;
  }
}

const failed = (why: string) => invalid(`failed to copy files: ${why}`);
