/** What COPY and ADD take: names and patterns, looked up in the build's context or in an image, links followed inside it. */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { compileGlob, isGlob } from "../../wire/glob.ts";
import { invalid } from "../errors.ts";
import { toBytes, toText } from "./names.ts";
import type { SourceEntry, SourceTree } from "./ports.ts";

export type Source = {
  tree: SourceTree;
  entry: SourceEntry;
  /** what a file is called in a directory that it is copied to; byte string */
  name: string;
  /** "file:…" or "dir:…": changes with what it holds */
  hash: string;
  /** by a URL: never unpacked */
  fetched?: boolean;
};

/** Where sources are looked up. */
export type SourceRoot = {
  /** What is at a path, links followed. @param path clean, relative, "" for the root; a text */
  open(path: string): Promise<{ tree: SourceTree; entry: SourceEntry } | undefined>;
  /** how docker says that something is not there */
  missing: string;
};

const MAX_LINKS = 255;

/** One hash for all: that of a single one, or of their list. */
export function hashOfAll(sources: Source[]): string {
  const [first, ...others] = sources;
  if (first && others.length === 0) return first.hash;
  return `multi:${digestOf(sources.map(({ hash }) => hash))}`;
}

/** The context as a root. */
export function treeRoot(tree: SourceTree): SourceRoot {
  return {
    missing: "file not found in build context or excluded by .dockerignore: ",
    async open(path) {
      const entry = resolveEntry(tree, toBytes(path));
      return entry && { tree, entry };
    },
  };
}

/** Follows links, none of which leads out of the tree: its root is where ".." ends. */
export function resolveEntry(tree: SourceTree, path: string): SourceEntry | undefined {
  const pending = path.split("/").reverse();
  let here: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      here.pop();
      continue;
    }
    const entry = tree.entry([...here, part].join("/"));
    if (entry?.kind !== "symlink") {
      here.push(part);
      continue;
    }
    if (++links > MAX_LINKS) throw invalid(`${JSON.stringify(toText(path))}: too many links`);
    if (entry.link.startsWith("/")) here = [];
    pending.push(...entry.link.split("/").reverse());
  }
  return tree.entry(here.join("/"));
}

/**
 * @returns what a name means; a pattern may mean nothing
 * @throws EngineError invalid when nothing has that name
 */
export async function findSource(root: SourceRoot, name: string): Promise<Source[]> {
  const path = posix.normalize(name).replace(/^\/+/, "").replace(/\/$/, "");
  if (path === ".." || path.startsWith("../")) throw invalid(`forbidden path outside the build context: ${name} ()`);
  const clean = path === "." ? "" : path;
  if (isGlob(clean)) return matching(root, clean);
  const found = await root.open(clean);
  if (!found) throw invalid(`${root.missing}stat ${clean}: file does not exist`);
  return [sourceOf(found, posix.basename(clean))];
}

/** A star never stands for a slash: only what lies below the last directory without one is looked at. */
async function matching(root: SourceRoot, pattern: string): Promise<Source[]> {
  const glob = compileGlob(pattern, { directories: false });
  const parts = pattern.split("/");
  const fixed = parts.slice(0, parts.findIndex(isGlob)).join("/");
  const base = await root.open(fixed);
  if (base?.entry.kind !== "dir") return [];
  const skip = base.entry.path === "" ? 0 : base.entry.path.length + 1;
  const found: Source[] = [];
  for (const entry of base.tree.below(base.entry.path)) {
    if (entry === base.entry) continue;
    const path = posix.join(fixed, toText(entry.path.slice(skip)));
    if (!glob(path)) continue;
    const place = entry.kind === "symlink" ? await root.open(path) : { tree: base.tree, entry };
    if (!place) throw invalid(`${root.missing}stat ${path}: file does not exist`);
    found.push(sourceOf(place, posix.basename(path)));
  }
  return found;
}

function sourceOf({ tree, entry }: { tree: SourceTree; entry: SourceEntry }, name: string): Source {
  if (entry.kind !== "dir") return { tree, entry, name: toBytes(name), hash: `file:${entry.hash}` };
  const all = tree.below(entry.path).map(({ path, hash }) => `${path.slice(entry.path.length)}\0${hash}`);
  return { tree, entry, name: toBytes(name), hash: `dir:${digestOf(all)}` };
}

function digestOf(texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest("hex");
}
