/** COPY and ADD: sources from the context, an image or a URL into a new layer. No program runs; no link leads out. */
import { posix } from "node:path";
import { EngineError, invalid } from "../errors.ts";
import { FileError } from "../files/ports.ts";
import type { Build, StageState } from "./build.ts";
import { type Destination, findDestination } from "./destination.ts";
import type { InstructionOf } from "./dockerfile/instruction.ts";
import { fetchSource, isUrl } from "./fetch-source.ts";
import { imageRoot } from "./image-source.ts";
import { madeLayer, type WorkLayer, withLayer } from "./layer.ts";
import { toBytes } from "./names.ts";
import { ownerOf } from "./owner.ts";
import type { PackedEntry } from "./ports.ts";
import { findSource, hashOfAll, type Source, treeRoot } from "./sources.ts";
import { addStep, noCommand, useCached } from "./step-image.ts";

type Copy = InstructionOf<"COPY" | "ADD">;
type Owner = { uid: number; gid: number };

export async function copyFiles(build: Build, state: StageState, copy: Copy): Promise<void> {
  await using opened = openedTrees();
  const sources = await sourcesOf(build, copy, opened.add);
  if (sources.length > 1 && !copy.target.endsWith("/")) {
    throw invalid(
      `When using ${copy.type} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  const chown = copy.chown === "" ? "" : `--chown=${copy.chown} `;
  const comment = `#(nop) ${copy.type} ${chown}${hashOfAll(sources)} in ${copy.target} `;
  const step = { createdBy: noCommand(state.config, comment), config: state.config };
  if (useCached(build, state, step)) return;
  await withLayer(build.deps, state.image, async (layer) => {
    await fill(build, layer, { copy, sources, workdir: state.config.WorkingDir ?? "" });
    await addStep(build, state, step, await madeLayer(build.deps, layer));
  });
}

/** A directory for WORKDIR, if there is none. @throws EngineError invalid where a file is in the way */
export async function makeDirectory(build: Build, layer: WorkLayer, path: string): Promise<void> {
  const destination = await findDestination(build.deps.fileHost, layer, posix.normalize(path));
  if (destination.kind === "other") throw invalid(`Cannot mkdir: ${path} is not a directory`);
  if (destination.kind === "missing")
    await extract(build, layer, directories([...destination.missingParents, destination.path]));
}

function openedTrees() {
  const trees: { close(): Promise<void> }[] = [];
  return {
    add: (tree: { close(): Promise<void> }) => void trees.push(tree),
    async [Symbol.asyncDispose]() {
      for (const tree of trees) await tree.close();
    },
  };
}

type Opened = (tree: { close(): Promise<void> }) => void;

async function sourcesOf(build: Build, copy: Copy, opened: Opened): Promise<Source[]> {
  const root = copy.from === "" ? treeRoot(await build.context()) : await imageRoot(build, copy.from, opened);
  const found: Source[] = [];
  try {
    for (const name of copy.sources) {
      if (copy.type === "ADD" && isUrl(name))
        found.push(await fetchSource(build, { url: name, target: copy.target, opened }));
      else found.push(...(await findSource(root, name)));
    }
    if (found.length === 0) throw invalid("no source files were specified");
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `${copy.type} failed: ${error.message}`, { cause: error });
  }
  return found;
}

type Filling = { copy: Copy; sources: Source[]; workdir: string };

async function fill(build: Build, layer: WorkLayer, { copy, sources, workdir }: Filling): Promise<void> {
  const { deps } = build;
  // What comes from an image keeps its owners, what comes from outside is root's.
  const owner =
    copy.chown !== "" ? await ownerOf(deps, layer, copy.chown) : copy.from === "" ? { uid: 0, gid: 0 } : undefined;
  const asked = posix.resolve("/", workdir, copy.target);
  const destination = await findDestination(deps.fileHost, layer, asked);
  const into = copy.target.endsWith("/") || destination.kind === "dir";
  const archives: Source[] = [];
  const entries: PackedEntry[] = [];
  const made = new Set<string>();
  const make = (paths: string[], own?: Owner) => {
    const fresh = paths.filter((path) => path !== "/" && !made.has(path));
    for (const path of fresh) made.add(path);
    entries.push(...directories(fresh, own));
  };
  for (const source of sources) {
    const unpacked =
      copy.type === "ADD" && source.entry.kind === "file" && !source.fetched && (await isArchive(build, source));
    if (source.entry.kind === "dir" || unpacked) {
      if (destination.kind === "other") throw failed(`cannot copy to non-directory: ${destination.path}`);
      if (destination.kind === "missing") {
        make(destination.missingParents);
        make([destination.path], unpacked ? undefined : owner);
      }
      if (unpacked) archives.push(source);
      else entries.push(...contents(source, destination, owner));
    } else {
      if (into && destination.kind === "other") throw failed(`mkdir ${destination.path}: not a directory`);
      const parents =
        destination.kind === "missing" ? [...destination.missingParents, ...(into ? [destination.path] : [])] : [];
      make(parents, owner);
      const path = into ? join(destination.path, source.name) : toBytes(destination.path).slice(1);
      entries.push({ name: path, owner, tree: source.tree, entry: source.entry });
    }
  }
  await extract(build, layer, entries);
  for (const { tree, entry } of archives) await extractTo(build, layer, destination.path, tree.read(entry));
}

/** As an archive's names: below the root, byte strings. */
function join(directory: string, name: string): string {
  const path = toBytes(directory).slice(1);
  return path === "" ? name : `${path}/${name}`;
}

function directories(paths: string[], owner: Owner = { uid: 0, gid: 0 }): PackedEntry[] {
  return paths.map((path) => ({ name: toBytes(path).slice(1), owner, directory: { mode: 0o755 } }));
}

/** What is in a directory; it itself is no part of the copy. */
function contents({ tree, entry: top }: Source, destination: Destination, owner: Owner | undefined): PackedEntry[] {
  const skip = top.path === "" ? 0 : top.path.length + 1;
  return tree
    .below(top.path)
    .filter((entry) => entry !== top)
    .map((entry) => ({ name: join(destination.path, entry.path.slice(skip)), owner, tree, entry, top }));
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
