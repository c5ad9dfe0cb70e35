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
  /** what is copied of it: it itself, then what is in it */
  below: SourceEntry[];
  /** what a file is called in a directory that it is copied to; with --parents, its directories too; byte string */
  name: string;
  /** "file:…" or "dir:…": changes with what it holds */
  hash: string;
  /** an archive that did not come as a file of the context: never unpacked */
  keptPacked?: boolean;
};

/** @property excluded is a path, below a directory that is copied, left out? */
export type Choice = { parents: boolean; excluded: (path: string) => boolean };

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
export async function findSource(root: SourceRoot, name: string, choice: Choice): Promise<Source[]> {
  const clean = cleanPath(name);
  // What is above "/./" is no part of the names that --parents keeps.
  const pivot = choice.parents ? name.indexOf("/./") : -1;
  const above = pivot < 0 ? "" : cleanPath(name.slice(0, pivot));
  const wanted = { ...choice, depth: above === "" ? 0 : above.split("/").length };
  if (isGlob(clean)) return matching(root, clean, wanted);
  const found = await root.open(clean);
  if (!found) throw invalid(`${root.missing}stat ${clean}: file does not exist`);
  return sourcesAt(found, clean, wanted);
}

function cleanPath(name: string): string {
  const path = posix.normalize(name).replace(/^\/+/, "").replace(/\/$/, "");
  if (path === ".." || path.startsWith("../")) throw invalid(`forbidden path outside the build context: ${name} ()`);
  return path === "." ? "" : path;
}

type Wanted = Choice & { depth: number };

/** A star never stands for a slash: only what lies below the last directory without one is looked at. */
async function matching(root: SourceRoot, pattern: string, wanted: Wanted): Promise<Source[]> {
  const glob = compileGlob(pattern, { directories: wanted.parents });
  const parts = pattern.split("/");
  const fixed = parts.slice(0, parts.findIndex(isGlob)).join("/");
  const base = await root.open(fixed);
  if (base?.entry.kind !== "dir") return [];
  const found: Source[] = [];
  let taken: string | undefined;
  for (const entry of base.tree.below(base.entry.path)) {
    if (entry === base.entry) continue;
    const path = posix.join(fixed, toText(nameIn(base.entry, entry)));
    if (!glob(path)) continue;
    // With "**" a directory and what is in it may match: it is copied with the directory.
    if (taken !== undefined && entry.path.startsWith(taken)) continue;
    if (entry.kind === "dir") taken = `${entry.path}/`;
    const place = entry.kind === "symlink" ? await root.open(path) : { tree: base.tree, entry };
    if (!place) throw invalid(`${root.missing}stat ${path}: file does not exist`);
    found.push(...sourcesAt(place, path, wanted));
  }
  return found;
}

/** A file of a tree as a source; its name counts, for in a directory it keeps it. @param name byte string */
export function fileSource(tree: SourceTree, entry: SourceEntry, name: string): Source {
  return { tree, entry, below: [entry], name, hash: `file:${digestOf([name, entry.hash])}` };
}

/** None, if a file is left out. */
function sourcesAt({ tree, entry }: { tree: SourceTree; entry: SourceEntry }, path: string, wanted: Wanted): Source[] {
  const { parents, excluded, depth } = wanted;
  const name = parents ? path.split("/").slice(depth).join("/") : posix.basename(path);
  if (entry.kind !== "dir") return excluded(name) ? [] : [fileSource(tree, entry, toBytes(name))];
  const below = withoutExcluded(tree.below(entry.path), (inner) => excluded(posix.join(parents ? name : "", inner)));
  const hash = hashBelow(entry, below, parents ? [name] : []);
  return [{ tree, entry, below, name: toBytes(name), hash: `dir:${hash}` }];
}

/** Of a directory and all in it; a directory stays where something in it does. */
function withoutExcluded(all: SourceEntry[], excluded: (path: string) => boolean): SourceEntry[] {
  const [top] = all;
  if (!top) return [];
  const kept = new Set<string>();
  for (const entry of all.toReversed()) {
    const stays = entry === top || !excluded(toText(nameIn(top, entry)));
    if (!stays && !kept.has(entry.path)) continue;
    kept.add(entry.path);
    kept.add(posix.dirname(entry.path));
  }
  return all.filter(({ path }) => kept.has(path));
}

/** What an entry is called in a directory above it. */
export function nameIn(top: SourceEntry, { path }: SourceEntry): string {
  return path.slice(top.path === "" ? 0 : top.path.length + 1);
}

/** One hash of an entry and what is in it. @param more texts that count as well */
export function hashBelow(top: SourceEntry, below: SourceEntry[], more: string[] = []): string {
  return digestOf([...below.map(({ path, hash }) => `${path.slice(top.path.length)}\0${hash}`), ...more]);
}

function digestOf(texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(`${text.length}:${text}`);
  return hash.digest("hex");
}
