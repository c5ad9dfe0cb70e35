/** Where what COPY and ADD copy comes from: the context, a stage or an image, URLs, the Dockerfile itself. */
import { posix } from "node:path";
import { readDockerignore } from "../../wire/dockerignore.ts";
import { EngineError, invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import type { InstructionOf } from "./dockerfile/instruction.ts";
import { fetchSource, isGitRepository, isUrl } from "./fetch-source.ts";
import { imageRoot } from "./image-source.ts";
import { inlineSource } from "./inline-source.ts";
import { type Choice, findSource, type Source, type SourceRoot, treeRoot } from "./sources.ts";

type Copy = InstructionOf<"COPY" | "ADD">;
type Opened = (tree: { close(): Promise<void> }) => void;

/** Trees that are closed at the end. */
export function openedTrees() {
  const trees: { close(): Promise<void> }[] = [];
  return {
    add: (tree: { close(): Promise<void> }) => void trees.push(tree),
    async [Symbol.asyncDispose]() {
      for (const tree of trees) await tree.close();
    },
  };
}

/**
 * @param opened is told of the trees that are to be closed
 * @throws EngineError
 */
export async function gatherSources(build: Build, copy: Copy, opened: Opened): Promise<Source[]> {
  const isRemote = (name: string) => copy.type === "ADD" && isUrl(name);
  // A context may have to be sent first: it is asked for only where something is taken from it.
  const root = copy.sources.every(isRemote) ? undefined : await openRoot(build, copy, opened);
  const found: Source[] = [];
  const choice: Choice = { parents: copy.parents, excluded: readDockerignore(copy.exclude.join("\n")).ignores };
  try {
    checkRemote(build, copy);
    for (const name of copy.sources) {
      if (root && !isRemote(name)) found.push(...(await findSource(root, nameWithin(build, name), choice)));
      else found.push(await fetchSource(build, { url: name, target: copy.target, checksum: copy.checksum, opened }));
    }
    for (const file of copy.files) found.push(await inlineSource(build, file, opened));
    // BuildKit lets a pattern mean nothing.
    if (found.length === 0 && build.request.dialect === "classic") throw invalid("no source files were specified");
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `${copy.type} failed: ${error.message}`, { cause: error });
  }
  return found;
}

/** BuildKit's root is where ".." ends. */
function nameWithin({ request }: Build, name: string): string {
  const leadsOut = /^\.\.(\/|$)/.test(posix.normalize(name));
  return leadsOut && request.dialect === "buildkit" ? posix.join("/", name) : name;
}

async function openRoot(build: Build, { from }: Copy, opened: Opened): Promise<SourceRoot> {
  return from === "" ? treeRoot(await build.context()) : imageRoot(build, from, opened);
}

/** What BuildKit says of sources that are elsewhere. */
function checkRemote({ request }: Build, { type, sources, files, checksum }: Copy): void {
  if (type !== "ADD" || request.dialect === "classic") return;
  const repository = sources.find(isGitRepository);
  if (repository !== undefined) throw invalid(`git repositories are not supported as a source: ${repository}`);
  if (checksum === "") return;
  if (sources.length + files.length > 1) throw invalid("checksum can't be specified for multiple sources");
  if (!sources.every(isUrl) || files.length > 0) throw invalid("checksum can't be specified for non-HTTP(S) sources");
}
