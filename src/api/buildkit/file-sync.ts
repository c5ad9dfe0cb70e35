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
import { type Header, type Pack, pack } from "tar-stream";
import { invalid } from "../../engine/errors.ts";
import type { Exchange, Metadata } from "../../lib/grpc/client.ts";
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
/** Bytes of files that are asked for ahead of the one that is being written. */
const AHEAD = 4 * 1024 * 1024;

/** Begins when it is read: a failure finds its reader. @throws EngineError, GrpcError while it is read */
export async function* receiveDirectory(session: Session, wanted: Wanted): AsyncGenerator<Buffer> {
  const archive = pack();
  if (!session.supports(METHOD)) throw invalid(`the client offers no files: ${METHOD} is not in its session`);
  receive(session.exchange(METHOD, metadataOf(wanted)), archive).then(
    () => archive.finalize(),
    (error) => archive.destroy(error),
  );
  yield* archive as AsyncIterable<Buffer>;
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
    for (const [number, stat] of entries.entries()) await add(archive, stat, () => contents.of(number));
    await exchange.send(MESSAGES.packet.encode({ type: PACKET.fin }));
    await packets.next(PACKET.fin);
    exchange.end();
  } finally {
    exchange.cancel();
  }
}

async function readStats(packets: Packets): Promise<Stat[]> {
  const entries: Stat[] = [];
  for (;;) {
    const { stat } = await packets.next(PACKET.stat);
    if (!stat) return entries;
    if (entries.push(stat) > MAX_ENTRIES) throw invalid(`the build's context has more than ${MAX_ENTRIES} files`);
  }
}

/** Asks for the files in their order, some ahead, and hands their pieces out one file after the other. */
function requestContents(exchange: Exchange, packets: Packets, entries: Stat[]) {
  const files = [...entries.entries()].filter(([, stat]) => hasContent(stat));
  const received = new Map<number, { pieces: Buffer[]; left: number; ended: boolean }>();
  let asked = 0;
  let ahead = 0;
  const askMore = async () => {
    for (let next = files[asked]; next; next = files[asked]) {
      const [number, { size }] = next;
      // One that is larger is asked for when it is its turn: what comes is written at once then.
      if (received.size > 0 && ahead + size > AHEAD) return;
      asked++;
      ahead += size;
      received.set(number, { pieces: [], left: size, ended: false });
      await exchange.send(MESSAGES.packet.encode({ type: PACKET.request, ID: number }));
    }
  };
  return {
    async *of(number: number): AsyncGenerator<Buffer> {
      await askMore();
      const file = received.get(number);
      if (!file) throw new TypeError(`file ${number} is not the next`);
      for (;;) {
        yield* file.pieces.splice(0);
        if (file.ended && file.left > 0) throw changed(entries[number]);
        if (file.ended) break;
        const { ID, data } = await packets.next(PACKET.data);
        const other = received.get(ID);
        if (!other || other.ended) throw invalid(`the client sent data of file ${ID}, which was not asked for`);
        other.left -= data.length;
        if (other.left < 0) throw changed(entries[ID]);
        if (data.length === 0) other.ended = true;
        else other.pieces.push(Buffer.from(data));
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
  const header = {
    ...{ name: path, uid, gid, linkname, devmajor, devminor },
    mode: (mode % 0o1000) + SPECIAL_BITS.reduce((sum, [bit, unix]) => sum + (hasBit(mode, bit) ? unix : 0), 0),
    mtime: new Date(modTime / 1e6),
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
