/** Entries of source trees -> a tar archive of what a COPY makes. */
import type { PackedEntry, SourceEntry } from "../../engine/build/ports.ts";
import { FLAGS } from "../storage/safe-layer.ts";
import { formatHeader, padding } from "../storage/tar-header.ts";
import { formatPax } from "../storage/tar-pax.ts";
import type { StoredEntry, StoredTree } from "./source-tree.ts";

const END = Buffer.alloc(1024);
const BATCH = 64 * 1024;

/** Names of one file stay names of one file, where they are copied with one directory. */
export async function* packEntries(entries: PackedEntry[]): AsyncGenerator<Buffer> {
  const known: Known = new Map();
  const batch: Buffer[] = [];
  let size = 0;
  for (const packed of entries) {
    const { header, content } = parts(packed, known);
    batch.push(header);
    size += header.length;
    if (content) {
      for await (const piece of content.tree.read(content.entry)) {
        batch.push(piece);
        size += piece.length;
        if (size < BATCH) continue;
        yield Buffer.concat(batch.splice(0));
        size = 0;
      }
      batch.push(padding(content.entry.size));
    }
    if (size >= BATCH) {
      yield Buffer.concat(batch.splice(0));
      size = 0;
    }
  }
  yield Buffer.concat([...batch, END]);
}

type Content = { tree: StoredTree; entry: StoredEntry };
/** directory that is copied -> place of a content -> first name of it */
type Known = Map<SourceEntry, Map<number, string>>;

function parts(packed: PackedEntry, known: Known): { header: Buffer; content?: Content } {
  const { name, owner = { uid: 0, gid: 0 } } = packed;
  const none = { link: "", size: 0, major: 0, minor: 0 };
  if ("directory" in packed) {
    const mtime = Math.floor(Date.now() / 1000);
    return {
      header: formatHeader({
        ...none,
        name: `${name}/`,
        flag: FLAGS.dir,
        mode: packed.directory.mode,
        ...owner,
        mtime,
      }),
    };
  }
  const tree = packed.tree as StoredTree;
  const entry = tree.stored(packed.entry);
  const { kind, mtime, link, major, minor } = entry;
  const { mode = entry.mode } = packed;
  const { uid, gid } = packed.owner ?? entry;
  const first = kind === "file" ? firstName(known, packed.top, { entry, name }) : undefined;
  const facts = { mode, uid, gid, mtime, major, minor };
  if (first !== undefined)
    return { header: formatHeader({ ...facts, name, link: first, flag: FLAGS.hardlink, size: 0 }) };
  const pax = formatPax(entry.xattrs.map(([key, value]) => [`SCHILY.xattr.${key}`, value]));
  const header = formatHeader(
    { ...facts, name: kind === "dir" ? `${name}/` : name, link, flag: FLAGS[kind], size: entry.size },
    pax,
  );
  return kind === "file" ? { header, content: { tree, entry } } : { header };
}

function firstName(
  known: Known,
  top: SourceEntry | undefined,
  { entry, name }: { entry: StoredEntry; name: string },
): string | undefined {
  // An empty file's place is the next one's, too.
  if (!top || entry.size === 0) return undefined;
  const names = known.get(top) ?? new Map<number, string>();
  known.set(top, names);
  const first = names.get(entry.offset);
  if (first === undefined) names.set(entry.offset, name);
  return first;
}
