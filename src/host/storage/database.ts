/** The tables of images and layers: SQLite in WAL mode, one writer (this engine). */
import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS layers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused: names the directory
    diff_id TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    blob_digest TEXT NOT NULL,
    blob_size INTEGER NOT NULL,
    compression TEXT NOT NULL,
    tar_size INTEGER NOT NULL,
    opaque TEXT NOT NULL                    -- JSON list of directories that hide lower layers
  ) STRICT;
  CREATE TABLE IF NOT EXISTS images (
    id TEXT PRIMARY KEY,
    config BLOB NOT NULL,                   -- the very bytes that the id is the digest of
    parent TEXT NOT NULL,
    tagged_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS refs (
    name TEXT PRIMARY KEY,                  -- docker.io/library/busybox:latest or …@sha256:…
    image TEXT NOT NULL
  ) STRICT;
`;

/** @throws Error when the file is a newer version's */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  chmodSync(path, 0o600);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version > 1) throw new Error(`${path} was written by a newer version (schema ${version})`);
  database.exec(`${SCHEMA} PRAGMA user_version = 1;`);
  return database;
}

/** All or nothing. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
