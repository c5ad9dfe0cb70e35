/**
 * Turns the tar of a layer into one that tar may be trusted with, and whiteouts into overlayfs's own:
 *
 *     ../x                 refused
 *     a -> /etc, a/passwd  etc/passwd of the layer
 *     hard link            only to what this layer has
 *     .wh.NAME             char device 0:0 NAME
 *     .wh..wh..opq         trusted.overlay.opaque=y on its directory
 *     trusted.* xattrs     dropped: overlayfs would take orders from the image
 */
import { invalid } from "../../engine/errors.ts";
import { cleanName, type DirectoryNode, type Node, type Place, walk } from "./layer-tree.ts";
import { formatHeader, padding } from "./tar-header.ts";
import { formatPax } from "./tar-pax.ts";
import { readTar, type TarEntry } from "./tar-reader.ts";

export type LayerFacts = {
  /** bytes of all files and symlinks, as lstat(2) tells them */
  size: number;
  entries: number;
  /** opaque directories as paths from the root; "" is the root: nothing below this layer is to be seen */
  opaque: string[];
};

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const AUFS_PRIVATE = ".wh..wh.";
const OVERLAY_OPAQUE = "trusted.overlay.opaque";
const OTHER: Node = { kind: "other" };
const WHITEOUT_NODE: Node = { kind: "whiteout" };
const BATCH = 64 * 1024;
/** tar(5)'s type flags. */
export const FLAGS = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", dir: "5", fifo: "6" };

/**
 * @param stream the layer as it came, uncompressed
 * @param facts filled while the output is read
 * @param maxEntries bound on names, which are kept in memory
 * @throws EngineError invalid on anything that would leave the layer
 */
export async function* safeLayer(
  stream: AsyncIterable<Buffer>,
  facts: LayerFacts,
  maxEntries: number,
): AsyncGenerator<Buffer> {
  const root = directory({ ...made("dir", 0o755), name: "" });
  let batch: Buffer[] = [];
  let batched = 0;
  const emit = (...buffers: Buffer[]) => {
    for (const buffer of buffers) {
      batch.push(buffer);
      batched += buffer.length;
    }
  };
  const flush = () => {
    const whole = Buffer.concat(batch);
    batch = [];
    batched = 0;
    return whole;
  };
  for await (const { entry, body } of readTar(stream)) {
    if (++facts.entries > maxEntries) throw invalid(`archive has more than ${maxEntries} entries`);
    if (!place(root, entry, facts, emit)) continue;
    facts.size += entry.size;
    for await (const piece of body) {
      emit(piece);
      if (batched >= BATCH) yield flush();
    }
    emit(padding(entry.size));
    if (batched >= BATCH) yield flush();
  }
  emit(Buffer.alloc(1024));
  yield flush();
  facts.opaque = opaqueDirectories(root);
}

type Emit = (...buffers: Buffer[]) => void;

/** @returns false when the entry's body has no place in the output */
function place(root: DirectoryNode, entry: TarEntry, facts: LayerFacts, emit: Emit): boolean {
  const parts = cleanName(entry.name);
  const base = parts.at(-1);
  if (base === undefined) {
    if (entry.type !== "dir") throw invalid("archive replaces the root directory by a file");
    root.entry = entry;
    emit(header(entry, [], false));
    return false;
  }
  const parent = walk(root, parts.slice(0, -1), (here, name) => makeDirectory(here, name, emit)) as Place;
  if (base.startsWith(WHITEOUT)) {
    placeWhiteout(parent, base, emit);
    return false;
  }
  const path = [...parent.path, base];
  const children = parent.node.children;
  const before = children.get(base);
  switch (entry.type) {
    case "dir": {
      const opaque = before?.kind === "whiteout" || (before?.kind === "dir" && before.opaque);
      if (before?.kind === "dir") before.entry = entry;
      else children.set(base, { ...directory(entry), opaque });
      emit(header(entry, path, opaque));
      return false;
    }
    case "hardlink": {
      const target = linkTarget(root, entry);
      if (target.join("/") === path.join("/")) return false;
      emit(header({ ...entry, link: target.join("/"), xattrs: new Map() }, path, false));
      children.set(base, nodeAt(root, target));
      return false;
    }
    case "symlink":
      children.set(base, { kind: "symlink", target: entry.link });
      facts.size += entry.link.length;
      break;
    case "char":
      children.set(base, entry.major === 0 && entry.minor === 0 ? WHITEOUT_NODE : OTHER);
      break;
    default:
      children.set(base, OTHER);
  }
  emit(header(entry, path, false));
  return entry.type === "file";
}

/** A whiteout hides what lower layers have; what this layer has itself stays, wherever the marker stands. */
function placeWhiteout(parent: Place, base: string, emit: Emit): void {
  const name = base.slice(WHITEOUT.length);
  const before = parent.node.children.get(name);
  if (base === OPAQUE) makeOpaque(parent, emit);
  else if (base.startsWith(AUFS_PRIVATE)) return;
  else if (name === "" || name === "." || name === "..") {
    throw invalid(`invalid whiteout name: ${JSON.stringify(base)}`);
  } else if (before?.kind === "dir") makeOpaque({ node: before, path: [...parent.path, name] }, emit);
  else if (before === undefined) {
    parent.node.children.set(name, WHITEOUT_NODE);
    emit(header(made("char", 0), [...parent.path, name], false));
  }
}

function makeOpaque({ node, path }: Place, emit: Emit): void {
  if (node.opaque) return;
  node.opaque = true;
  // The root of an overlay's layer cannot be opaque: facts.opaque tells, and the layers below are left out of the mount.
  if (path.length > 0) emit(header(node.entry, path, true));
}

/** A parent that the archive does not mention. In the place of a whiteout it must not merge with what was hidden. */
function makeDirectory({ node, path }: Place, name: string, emit: Emit): DirectoryNode {
  const opaque = node.children.get(name)?.kind === "whiteout";
  const child = { ...directory(made("dir", 0o755)), opaque };
  node.children.set(name, child);
  emit(header(child.entry, [...path, name], opaque));
  return child;
}

function linkTarget(root: DirectoryNode, entry: TarEntry): string[] {
  const refused = () =>
    invalid(
      `invalid hardlink ${JSON.stringify(entry.name)} -> ${JSON.stringify(entry.link)}: no such file in the layer`,
    );
  const parts = cleanName(entry.link);
  const base = parts.at(-1);
  const parent = walk(root, parts.slice(0, -1), () => undefined);
  const target = base === undefined ? undefined : parent?.node.children.get(base);
  if (!parent || base === undefined || !target || target.kind === "dir" || target.kind === "whiteout") throw refused();
  return [...parent.path, base];
}

function nodeAt(root: DirectoryNode, path: string[]): Node {
  let node: Node = root;
  for (const name of path) node = (node.kind === "dir" && node.children.get(name)) || OTHER;
  return node;
}

function header(entry: TarEntry, path: string[], opaque: boolean): Buffer {
  const records: [string, Buffer][] = [];
  if (entry.exactMtime) records.push(["mtime", entry.exactMtime]);
  for (const [key, value] of entry.xattrs) {
    if (isHarmless(key)) records.push([`SCHILY.xattr.${key}`, value]);
  }
  if (opaque) records.push([`SCHILY.xattr.${OVERLAY_OPAQUE}`, Buffer.from("y")]);
  const name = entry.type === "dir" ? `${["", ...path].join("/").slice(1) || "."}/` : path.join("/");
  const pax = records.length === 0 ? undefined : formatPax(records);
  return formatHeader({ ...entry, name, flag: FLAGS[entry.type], link: linkText(entry) }, pax);
}

function linkText(entry: TarEntry): string {
  return entry.type === "symlink" || entry.type === "hardlink" ? entry.link : "";
}

/** What a client may set and get: nothing by which overlayfs or a security module takes orders. */
export function isHarmless(xattr: string): boolean {
  return xattr === "security.capability" || /^(user\.[^=\n]+|system\.posix_acl_(access|default))$/.test(xattr);
}

function directory(entry: TarEntry): DirectoryNode {
  return { kind: "dir", children: new Map(), entry, opaque: false };
}

function made(type: "dir" | "char", mode: number): TarEntry {
  return { type, name: "", link: "", mode, uid: 0, gid: 0, size: 0, mtime: 0, major: 0, minor: 0, xattrs: new Map() };
}

function opaqueDirectories(root: DirectoryNode): string[] {
  const found: string[] = [];
  const pending: [DirectoryNode, string][] = [[root, ""]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, path] = next;
    if (node.opaque) found.push(path);
    for (const [name, child] of node.children) {
      if (child.kind === "dir") pending.push([child, path === "" ? name : `${path}/${name}`]);
    }
  }
  return found.map((path) => Buffer.from(path, "latin1").toString());
}
