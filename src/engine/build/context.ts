/** A build's context: its Dockerfile, and what .dockerignore takes out of it. */
import { posix } from "node:path";
import { readDockerignore } from "../../wire/dockerignore.ts";
import { invalid } from "../errors.ts";
import type { BuildSource } from "./build.ts";
import { toBytes } from "./names.ts";
import type { BuildHost, SourceEntry, SourceTree } from "./ports.ts";
import { resolveEntry } from "./sources.ts";

/** Bytes of a text that is read whole. */
const MAX_TEXT = 16 * 1024 * 1024;
const DEFAULT_NAME = "Dockerfile";

/**
 * The classic way: one archive has it all.
 * @param archive tar, compressed or not
 * @param name of the Dockerfile, a path in it
 */
export function archiveSource(host: BuildHost, archive: AsyncIterable<Buffer>, name: string): BuildSource {
  let opened: Promise<SourceTree> | undefined;
  const tree = () => (opened ??= host.openTree(archive));
  return {
    dockerfile: async () => readDockerfile(await tree(), name),
    context: async () => withoutIgnored(await tree(), name),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

/** @param name path in the context. @throws EngineError invalid with docker's texts */
async function readDockerfile(tree: SourceTree, name: string): Promise<string> {
  const path = posix.normalize(name).replace(/^\/+/, "");
  if (path.startsWith("../") || path === "..") throw invalid(`forbidden path outside the build context: ${name} ()`);
  const entry =
    resolveEntry(tree, toBytes(path)) ?? (path === DEFAULT_NAME ? resolveEntry(tree, path.toLowerCase()) : undefined);
  if (entry?.kind !== "file") throw invalid(`Cannot locate specified Dockerfile: ${name}`);
  const text = await readText(tree, entry);
  if (text === "") throw invalid(`the Dockerfile (${name}) cannot be empty`);
  return text;
}

/**
 * The context without what only the engine itself needs of it: its Dockerfile and .dockerignore, if they are ignored. (The
 * rest is left out by the client, which sends them all the same.)
 */
async function withoutIgnored(tree: SourceTree, dockerfile: string): Promise<SourceTree> {
  const ignore = tree.entry(".dockerignore");
  if (ignore?.kind !== "file") return tree;
  const rules = readDockerignore(await readText(tree, ignore));
  const path = posix.normalize(dockerfile).replace(/^\/+/, "");
  const hidden = new Set([".dockerignore", path].filter(rules.ignores).map(toBytes));
  if (hidden.size === 0) return tree;
  const shown = ({ path: at }: SourceEntry) => !hidden.has(at);
  return {
    ...tree,
    entry: (at) => (hidden.has(at) ? undefined : tree.entry(at)),
    below: (at) => tree.below(at).filter(shown),
  };
}

export async function readText(tree: SourceTree, entry: SourceEntry): Promise<string> {
  if (entry.size > MAX_TEXT) throw invalid(`${entry.path} is larger than ${MAX_TEXT} bytes`);
  const pieces: Buffer[] = [];
  for await (const piece of tree.read(entry)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
