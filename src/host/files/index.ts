/** The files of containers, by op `files` of the launcher. */
import type { FileHost, PathFacts } from "../../engine/files/ports.ts";
import type { Launcher } from "../../engine/ports.ts";
import type { FilesRequest } from "../../isolation/compile-files.ts";
import { layerArchive, layerEntries } from "./layer.ts";
import type { LowerLayer } from "./lower-view.ts";
import { type Naming, packTree } from "./pack.ts";
import { readRecord, utf8 } from "./records.ts";
import { openSession, type Session } from "./session.ts";
import { unpackRecords } from "./unpack.ts";

type Deps = {
  launcher: Pick<Launcher, "launchStream">;
  layers: { lowerLayers(containerId: string): LowerLayer[] };
};

export function createFileHost({ launcher, layers }: Deps): FileHost {
  return {
    async stat(root, path) {
      const session = await openSession(launcher, root, request("stat", path));
      try {
        return await readFacts(session);
      } finally {
        session.close();
        await session.ended;
      }
    },

    async archive(root, path, { name, ownFileSystem }) {
      const session = await openSession(launcher, root, { ...request("read", path), ownFileSystem });
      const { close, ended } = session;
      try {
        const facts = await readFacts(session);
        return { facts, tar: closing(session, packTree(session.source, renamed(name))), close, ended };
      } catch (error) {
        close();
        throw error;
      }
    },

    async extract(root, path, archive, { owner, keepKinds }) {
      const session = await openSession(launcher, root, { ...request("write", path), keepKinds });
      try {
        const { target } = await readFacts(session);
        await readRecord(session.source);
        await sendAll(session, unpackRecords(archive, target, owner));
      } finally {
        session.close();
        await session.ended;
      }
    },

    layerEntries: ({ id, layer }) => layerEntries(launcher, layer, layers.lowerLayers(id)),
    layerArchive: (layer, keep) => layerArchive(launcher, layer, keep),
  };
}

function request(action: FilesRequest["action"], path: string): FilesRequest {
  return { action, path, ownFileSystem: false, content: true, keepKinds: false };
}

async function readFacts({ source }: Session): Promise<PathFacts> {
  const record = await readRecord(source);
  if (record === undefined) throw new Error("the file operation said nothing of the path");
  return { ...record, target: utf8(record.link) };
}

/** Names below another first one; directories' end in a slash. undefined: the contents alone. */
function renamed(name: string | undefined): Naming {
  const first = name === undefined ? "" : Buffer.from(name).toString("latin1");
  const prefix = first === "" || first === "/" ? first : `${first}/`;
  return ({ kind, name: path }) => {
    if (path !== "") return { name: `${prefix}${path}${kind === "dir" ? "/" : ""}` };
    if (name === undefined) return undefined;
    return { name: kind === "dir" ? prefix : first };
  };
}

async function* closing(session: Session, batches: AsyncIterable<Buffer[]>): AsyncGenerator<Buffer[]> {
  try {
    yield* batches;
  } finally {
    session.close();
  }
}

/** Sends until all is through or the other side has said why not. */
async function sendAll(session: Session, records: AsyncIterable<Buffer[]>): Promise<void> {
  let failed = false;
  const answer = readRecord(session.source);
  answer.catch(() => {
    failed = true;
    session.close(); // wakes the sender, who may wait for room that nobody will make any more
  });
  for await (const bytes of records) {
    await session.send(bytes);
    if (failed) break;
  }
  await answer;
}
