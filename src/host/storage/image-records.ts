/** Images and their names: held in memory, written through to SQLite. */
import type { DatabaseSync } from "node:sqlite";
import type { ImageRecords, StoredImage } from "../../engine/images/ports.ts";
import { decodeImageConfig } from "../../wire/decode-image.ts";
import { transaction } from "./database.ts";

export function createImageRecords(database: DatabaseSync): ImageRecords {
  const images = loadImages(database);
  const refs = loadRefs(database);
  const putImage = database.prepare(
    "INSERT INTO images (id, config, parent, tagged_at) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, tagged_at = excluded.tagged_at",
  );
  const dropImage = database.prepare("DELETE FROM images WHERE id = ?");
  const putRef = database.prepare("INSERT OR REPLACE INTO refs (name, image) VALUES (?, ?)");
  const dropRef = database.prepare("DELETE FROM refs WHERE name = ?");

  return {
    all: () => [...images.values()],
    get: (id) => images.get(id),
    references: () => refs,
    save(image, names = []) {
      transaction(database, () => {
        putImage.run(image.id, image.raw, image.parent, image.taggedAt);
        for (const name of names) putRef.run(name, image.id);
      });
      images.set(image.id, image);
      for (const name of names) refs.set(name, image.id);
    },
    removeReference(name) {
      dropRef.run(name);
      refs.delete(name);
    },
    remove(id) {
      const names = [...refs].filter(([, image]) => image === id).map(([name]) => name);
      transaction(database, () => {
        for (const name of names) dropRef.run(name);
        dropImage.run(id);
      });
      for (const name of names) refs.delete(name);
      images.delete(id);
    },
  };
}

function loadImages(database: DatabaseSync): Map<string, StoredImage> {
  const images = new Map<string, StoredImage>();
  for (const row of database.prepare("SELECT id, config, parent, tagged_at FROM images").all()) {
    const raw = Buffer.from(row.config as Uint8Array);
    const id = String(row.id);
    images.set(id, {
      id,
      raw,
      config: decodeImageConfig(raw),
      parent: String(row.parent),
      taggedAt: String(row.tagged_at),
    });
  }
  return images;
}

function loadRefs(database: DatabaseSync): Map<string, string> {
  const rows = database.prepare("SELECT name, image FROM refs").all();
  return new Map(rows.map((row) => [String(row.name), String(row.image)]));
}
