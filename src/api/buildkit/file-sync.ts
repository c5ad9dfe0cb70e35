/**
 * A directory of the client's, as a tar archive: fsutil's protocol by a session.
 *
 *     engine                                  client
 *     DiffCopy, what is wanted        ->
 *                                     <-      STAT for each file, in order; an empty one at the end
 *     REQ number                      ->
 *                                     <-      DATA number …, an empty one at the file's end; up to four files mixed
 *     FIN                             ->
 *                                     <-      FIN
 */
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { type Header, type Pack, pack } from "tar-stream";
import { invalid } from "../../engine/errors.ts";
import type { Exchange, Metadata } from "../../lib/grpc/client.ts";
import { type Gathered, gathered } from "../../lib/grpc/gathered.ts";
import { MESSAGES, type Stat } from "../../wire/buildkit/messages.ts";
import { hasBit, MODE, PACKET, type Packets, packetsOf, SPECIAL_BITS } from "./file-packets.ts";
import type { Session } from "./sessions.ts";

export type Wanted = {
  /** as the client calls it: "context", "dockerfile" */
  directory: string;
  /** as in .dockerignore */
  exclude?: string[];
  /** only these, and what their links lead to; none: everything */
  paths?: string[];
};

const METHOD = "/moby.filesync.v1.FileSync/DiffCopy";
const MAX_ENTRIES = 500_000;
/** Bytes of all that is said of files: a path, a few numbers. */
const MAX_STATS = 128 * 1024 * 1024;
/** Bytes of files that are asked for ahead of the one that is being written, and how many they may be. */
const AHEAD = 4 * 1024 * 1024;
const MOST_AHEAD = 1000;
/** So many entries without content are written before the archive's reader has its turn. */
const AT_ONCE = 100;

/** @throws EngineError, GrpcError */
export async function* receiveDirectory(session: Session, wanted: Wanted): AsyncGenerator<Buffer> {
  if (!session.supports(METHOD)) throw invalid(`the client offers no files: ${METHOD} is not in its session`);
  const exchange = session.exchange(METHOD, { metadata: metadataOf(wanted) });
  const archive = pack();
  // Begun here, where the archive is read at once: an error of it that nobody waits for would be nobody's.
  const received = receive(exchange, archive).then(
    () => archive.finalize(),
    (error) => archive.destroy(error),
  );
  try {
    yield* archive as AsyncIterable<Buffer>;
  } finally {
    // A reader that has had enough leaves it in the middle.
    exchange.cancel();
    await received;
  }
}

function metadataOf({ directory, exclude = [], paths = [] }: Wanted): Metadata {
  const lists = Object.entries({ "dir-name": [directory], "exclude-patterns": exclude, followpaths: paths });
  return Object.fromEntries(
    lists
      .filter(([, values]) => values.length > 0)
      .flatMap(([name, values]): [string, string | string[]][] =>
        // Headers are ASCII.
        values.some((value) => /[^\x20-\x7e]/.test(value))
          ? [
              [name, values.map(encodeURIComponent)],
              [`${name}-encoded`, "1"],
            ]
          : [[name, values]],
      ),
  );
}

async function receive(exchange: Exchange, archive: Pack): Promise<void> {
  const packets = packetsOf(exchange);
  try {
    const entries = await readStats(packets);
    const contents = requestContents(exchange, packets, entries);
    for (const [number, stat] of entries.entries()) {
      await add(archive, stat, () => contents.of(number));
      if (number % AT_ONCE === 0) await setImmediate();
    }
    await exchange.send(MESSAGES.packet.encode({ type: PACKET.fin }));
    await packets.next(PACKET.fin);
    exchange.end();
  } finally {
    exchange.cancel();
  }
}

async function readStats(packets: Packets): Promise<Stat[]> {
  const entries: Stat[] = [];
  let bytes = 0;
  for (;;) {
    const { stat } = await packets.next(PACKET.stat);
    if (!stat) return entries;
    // What a file has besides is not copied.
    entries.push({ ...checked(stat), xattrs: {} });
    bytes += stat.path.length + stat.linkname.length;
    if (entries.length > MAX_ENTRIES) throw invalid(`the build's context has more than ${MAX_ENTRIES} files`);
    if (bytes > MAX_STATS) throw invalid(`the names of the build's context are longer than ${MAX_STATS} bytes`);
  }
}

/** @throws EngineError invalid on what no file can be like, which an archive would show as something else */
function checked(stat: Stat): Stat {
  const { path, linkname, size, devmajor, devminor } = stat;
  const numbers = [size, devmajor, devminor];
  if (`${path}${linkname}`.includes("\0") || !numbers.every((it) => Number.isSafeInteger(it) && it >= 0)) {
    throw invalid(`the client sent a file that cannot be: ${JSON.stringify(path.slice(0, 256))}`);
  }
  return stat;
}

/** Asks for the files in their order, some ahead, and hands their pieces out one file after the other. */
function requestContents(exchange: Exchange, packets: Packets, entries: Stat[]) {
  const files = [...entries.entries()].filter(([, stat]) => hasContent(stat));
  const received = new Map<number, { come: Gathered; left: number; ended: boolean }>();
  let asked = 0;
  let ahead = 0;
  const askMore = async () => {
    for (let next = files[asked]; next; next = files[asked]) {
      const [number, { size }] = next;
      // One that is larger is asked for when it is its turn: what comes is written at once then.
      if (received.size >= MOST_AHEAD || (received.size > 0 && ahead + size > AHEAD)) return;
      asked++;
      ahead += size;
      received.set(number, { come: gathered(), left: size, ended: false });
      await exchange.send(MESSAGES.packet.encode({ type: PACKET.request, ID: number }));
    }
  };
  return {
    async *of(number: number): AsyncGenerator<Buffer> {
      await askMore();
      const file = received.get(number);
      if (!file) throw new TypeError(`file ${number} is not the next`);
      for (;;) {
        if (file.come.length > 0) yield file.come.bytes();
        file.come = gathered();
        if (file.ended && file.left > 0) throw changed(entries[number]);
        if (file.ended) break;
        const { ID, data } = await packets.next(PACKET.data);
        const other = received.get(ID);
        if (!other || other.ended) throw invalid(`the client sent data of file ${ID}, which was not asked for`);
        other.left -= data.length;
        if (other.left < 0) throw changed(entries[ID]);
        if (data.length === 0) other.ended = true;
        else other.come.add(data);
      }
      received.delete(number);
      ahead -= entries[number]?.size ?? 0;
    },
  };
}

const changed = (stat?: Stat) => invalid(`${stat?.path} changed while it was sent`);

const isRegular = ({ mode }: Stat) =>
  ![MODE.directory, MODE.symlink, MODE.device, MODE.fifo, MODE.socket].some((bit) => hasBit(mode, bit));
/** Another name of a file has none of its own. */
const hasContent = (stat: Stat) => isRegular(stat) && stat.linkname === "";

async function add(archive: Pack, stat: Stat, content: () => AsyncIterable<Buffer>): Promise<void> {
  const { path, mode, uid, gid, size, modTime, linkname, devmajor, devminor } = stat;
  if (hasBit(mode, MODE.socket)) return;
  const seconds = Math.floor(modTime / 1e9);
  const header = {
    ...{ name: path, uid, gid, linkname, devmajor, devminor },
    mode: (mode % 0o1000) + SPECIAL_BITS.reduce((sum, [bit, unix]) => sum + (hasBit(mode, bit) ? unix : 0), 0),
    // The archive's own field has no room for others.
    ...(seconds >= 0 && seconds < 2 ** 31
      ? { mtime: new Date(seconds * 1000) }
      : { mtime: new Date(0), pax: { mtime: String(seconds) } }),
    type: typeOf(stat),
    size: hasContent(stat) ? size : 0,
  };
  if (!hasContent(stat)) {
    archive.entry(header);
    return;
  }
  await pipeline(content(), archive.entry(header));
}

function typeOf(stat: Stat): NonNullable<Header["type"]> {
  if (hasBit(stat.mode, MODE.directory)) return "directory";
  if (hasBit(stat.mode, MODE.symlink)) return "symlink";
  if (hasBit(stat.mode, MODE.fifo)) return "fifo";
  if (hasBit(stat.mode, MODE.device)) return hasBit(stat.mode, MODE.character) ? "character-device" : "block-device";
  return stat.linkname === "" ? "file" : "link";
}
