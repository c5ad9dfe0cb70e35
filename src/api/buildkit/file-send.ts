/**
 * An image's files for a client: `--output type=local` and `type=tar`.
 *
 *     engine                                  client
 *     FileSend/DiffCopy               ->
 *     STAT for each file, an empty one ->
 *                                     <-      REQ number, for each that it wants
 *     DATA number …, an empty one     ->
 *                                     <-      FIN
 *     FIN                             ->
 */
import type { ImageFiles } from "../../engine/build/image-files.ts";
import type { SourceEntry } from "../../engine/build/ports.ts";
import { invalid } from "../../engine/errors.ts";
import type { Exchange } from "../../lib/grpc/client.ts";
import { MESSAGES, type Stat } from "../../wire/buildkit/messages.ts";
import { MODE, PACKET, packetsOf, SPECIAL_BITS } from "./file-packets.ts";
import type { Session } from "./sessions.ts";

const METHOD = "/moby.filesync.v1.FileSend/DiffCopy";
/** Which of a client's outputs is meant, by its place among them. */
const OUTPUT = "buildkit-attachable-exporter-id";
/** gRPC's own default for a message is 4 MiB. */
const PIECE = 1024 * 1024;

/** One file that the client writes. @param output place of the exporter among the client's */
export async function sendFile(session: Session, output: number, content: AsyncIterable<Buffer>): Promise<void> {
  const exchange = open(session, output);
  try {
    for await (const piece of pieces(content)) await exchange.send(MESSAGES.bytesMessage.encode({ data: piece }));
    exchange.end();
    // Its end says whether the client has written it.
    for await (const _answer of exchange.responses);
  } finally {
    exchange.cancel();
  }
}

/** Files for a directory of the client's. */
export async function sendFiles(session: Session, output: number, { files, read }: ImageFiles): Promise<void> {
  const exchange = open(session, output);
  try {
    const send = (packet: Parameters<typeof MESSAGES.packet.encode>[0]) =>
      exchange.send(MESSAGES.packet.encode(packet));
    for (const { path, entry } of files) await send({ type: PACKET.stat, stat: statOf(path, entry) });
    await send({ type: PACKET.stat });
    const packets = packetsOf(exchange);
    for (;;) {
      const { type, ID } = await packets.next(PACKET.request, PACKET.fin);
      if (type === PACKET.fin) break;
      const file = files[ID];
      if (file?.entry.kind !== "file") throw invalid(`the client asked for file ${ID}, which there is not`);
      for await (const piece of pieces(read(file.entry))) await send({ type: PACKET.data, ID, data: piece });
      await send({ type: PACKET.data, ID });
    }
    await send({ type: PACKET.fin });
    exchange.end();
    for await (const _rest of exchange.responses);
  } finally {
    exchange.cancel();
  }
}

function open(session: Session, output: number): Exchange {
  if (!session.supports(METHOD)) throw invalid(`the client takes no files: ${METHOD} is not in its session`);
  return session.exchange(METHOD, { metadata: { [OUTPUT]: String(output) } });
}

async function* pieces(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of content) {
    for (let at = 0; at < piece.length; at += PIECE) yield piece.subarray(at, at + PIECE);
  }
}

function statOf(path: string, { kind, mode, size, link, uid, gid, mtime }: SourceEntry): Stat {
  const kinds: Record<SourceEntry["kind"], number> = {
    ...{ file: 0, dir: MODE.directory, symlink: MODE.symlink, fifo: MODE.fifo },
    ...{ block: MODE.device, char: MODE.device + MODE.character },
  };
  const special = SPECIAL_BITS.reduce((sum, [bit, unix]) => sum + (mode & unix ? bit : 0), 0);
  return {
    path: text(path),
    mode: kinds[kind] + special + (mode & 0o777),
    ...{ uid, gid, size: kind === "file" ? size : 0, modTime: mtime * 1e9, linkname: text(link) },
    ...{ devmajor: 0, devminor: 0, xattrs: {} },
  };
}

/** Messages know UTF-8 only. */
const text = (bytes: string) => Buffer.from(bytes, "latin1").toString();
