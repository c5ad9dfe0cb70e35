/** The table of unpacked layers: in memory, written through to SQLite. */
import type { DatabaseSync } from "node:sqlite";
import type { Layer } from "../../engine/images/ports.ts";
import { transaction } from "./database.ts";

export type LayerRow = Layer & {
  /** name of its directory below layers/ */
  name: string;
  /** directories that hide what lower layers have; "" is the root */
  opaque: ReadonlySet<string>;
};

export type LayerTable = {
  all(): LayerRow[];
  get(diffId: string): LayerRow | undefined;
  /** `place` puts the directory where its name says, in the same transaction. */
  add(row: Omit<LayerRow, "name" | "directory">, place: (directory: string) => void): LayerRow;
  remove(diffId: string): void;
};

/** @param directoryOf name -> host directory of its files */
export function createLayerTable(database: DatabaseSync, directoryOf: (name: string) => string): LayerTable {
  const rows = new Map<string, LayerRow>();
  for (const row of database.prepare("SELECT * FROM layers").all()) {
    const name = Number(row.id).toString(36);
    rows.set(String(row.diff_id), {
      diffId: String(row.diff_id),
      size: Number(row.size),
      blob: {
        digest: String(row.blob_digest),
        size: Number(row.blob_size),
        compression: asCompression(String(row.compression)),
      },
      tarSize: Number(row.tar_size),
      opaque: new Set(asTexts(JSON.parse(String(row.opaque)))),
      name,
      directory: directoryOf(name),
    });
  }
  const insert = database.prepare(
    "INSERT INTO layers (diff_id, size, blob_digest, blob_size, compression, tar_size, opaque) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const drop = database.prepare("DELETE FROM layers WHERE diff_id = ?");

  return {
    all: () => [...rows.values()],
    get: (diffId) => rows.get(diffId),
    add(row, place) {
      const name = transaction(database, () => {
        const { blob, opaque } = row;
        const result = insert.run(
          row.diffId,
          row.size,
          blob.digest,
          blob.size,
          blob.compression,
          row.tarSize,
          JSON.stringify([...opaque]),
        );
        const made = Number(result.lastInsertRowid).toString(36);
        place(directoryOf(made));
        return made;
      });
      const added = { ...row, name, directory: directoryOf(name) };
      rows.set(row.diffId, added);
      return added;
    },
    remove(diffId) {
      drop.run(diffId);
      rows.delete(diffId);
    },
  };
}

function asCompression(text: string): Layer["blob"]["compression"] {
  return text === "gzip" || text === "zstd" ? text : "none";
}

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
