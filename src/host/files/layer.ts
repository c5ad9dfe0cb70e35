/** An overlay's upper directory, read as what it is: changes to the layers below (kernel: overlayfs.rst). */
import { join } from "node:path";
import type { LayerEntry } from "../../engine/files/ports.ts";
import type { ContainerLayer, Launcher } from "../../engine/ports.ts";
import { eachPiece } from "../../lib/batches.ts";
import { formatHeader } from "../storage/tar-header.ts";
import { type LowerLayer, lowerView } from "./lower-view.ts";
import { type Named, packTree } from "./pack.ts";
import { type FileRecord, readRecord } from "./records.ts";
import { openSession } from "./session.ts";

const OPAQUE_XATTR = "trusted.overlay.opaque";

export async function* layerEntries(
  launcher: Pick<Launcher, "launchStream">,
  layer: ContainerLayer,
  lowers: LowerLayer[],
): AsyncGenerator<LayerEntry> {
  const below = lowerView(lowers);
  const session = await openLayer(launcher, layer, false);
  try {
    for (let record = await readRecord(session.source); record; record = await readRecord(session.source)) {
      const { name: path, kind, mode, uid, gid, size, mtime, major, minor } = record;
      if (path === "") continue;
      const opaque = isOpaque(record);
      yield {
        ...{ path, kind, mode, uid, gid, size, mtime, major, minor },
        before: () => below.facts(path),
        hidden: async () => (opaque ? below.names(path) : []),
      };
    }
  } finally {
    session.close();
  }
}

/** Whiteouts become `.wh.NAME`, opaque directories get `.wh..wh..opq` (OCI image-spec, layer.md). */
export async function* layerArchive(
  launcher: Pick<Launcher, "launchStream">,
  layer: ContainerLayer,
  keep: (path: string) => boolean,
): AsyncGenerator<Buffer> {
  const session = await openLayer(launcher, layer, true);
  try {
    const naming = (record: FileRecord) => (record.name === "" || !keep(record.name) ? undefined : layerName(record));
    yield* eachPiece(packTree(session.source, naming));
  } finally {
    session.close();
  }
}

async function openLayer(launcher: Pick<Launcher, "launchStream">, { base, upper }: ContainerLayer, content: boolean) {
  const root = { kind: "directory", path: join(base, upper) } as const;
  const request = { action: "read", path: "/", ownFileSystem: false, content, keepKinds: false } as const;
  const session = await openSession(launcher, root, request);
  try {
    await readRecord(session.source);
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

function layerName(record: FileRecord): Named {
  const path = record.name;
  const { kind, major, minor } = record;
  if (kind === "char" && major === 0 && minor === 0) {
    const slash = path.lastIndexOf("/") + 1;
    const name = `${path.slice(0, slash)}.wh.${path.slice(slash)}`;
    return { name, record: { ...record, kind: "file", size: 0, mode: 0o600 } };
  }
  if (kind !== "dir") return { name: path };
  return { name: `${path}/`, ...(isOpaque(record) && { after: marker(`${path}/.wh..wh..opq`) }) };
}

function isOpaque({ kind, xattrs }: FileRecord): boolean {
  return kind === "dir" && xattrs.get(OPAQUE_XATTR)?.toString() === "y";
}

function marker(name: string): Buffer {
  const nobody = { uid: 0, gid: 0, size: 0, mtime: 0, major: 0, minor: 0 };
  return formatHeader({ name, link: "", flag: "0", mode: 0o600, ...nobody });
}
