/** Container records in SQLite: one row a container, the record as JSON. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ContainerRecord } from "../../engine/containers/container.ts";
import type { Records } from "../../engine/containers/records.ts";
import { internal } from "../../engine/errors.ts";
import { lockDirectory } from "./lock.ts";

export type State = { records: Records; close(): void };

/**
 * Open DATA_ROOT/state.db and keep every other engine out of the data root until `close`.
 * @param dataRoot made (mode 0710) if missing. Throws EngineError conflict when another engine holds it.
 */
export function openState(dataRoot: string): State {
  // 0710: the world must not walk into the layers' setuid files (CVE-2021-41091).
  mkdirSync(dataRoot, { recursive: true, mode: 0o710 });
  const unlock = lockDirectory(dataRoot);
  try {
    const db = openDatabase(join(dataRoot, "state.db"));
    return {
      records: containerRecords(db),
      close() {
        db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  // WAL with NORMAL: a commit is one append without fsync. It survives the engine's death; only power loss may cost the
  // last commits, and then no container runs any more either.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  db.exec(`CREATE TABLE IF NOT EXISTS containers (
    id TEXT PRIMARY KEY, created TEXT NOT NULL, record TEXT NOT NULL) STRICT, WITHOUT ROWID`);
  return db;
}

function containerRecords(db: DatabaseSync): Records {
  const upsert = db.prepare(
    `INSERT INTO containers (id, created, record) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET record = excluded.record`,
  );
  const remove = db.prepare("DELETE FROM containers WHERE id = ?");
  const all = db.prepare("SELECT record FROM containers ORDER BY created, id");
  return {
    save: (record) => attempt("save", record.id, () => upsert.run(record.id, record.created, encode(record))),
    delete: (id) => attempt("delete", id, () => remove.run(id)),
    loadAll: () => all.all().map((row) => decode(String(row.record))),
  };
}

function attempt(verb: string, id: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw internal(`${verb} state of container ${id}: ${error instanceof Error ? error.message : error}`, error);
  }
}

// The plan carries bytes (netlink, BPF), which JSON has no word for.
const BYTES = "base64:";

function encode(record: ContainerRecord): string {
  return JSON.stringify(record, (_key, value) =>
    value instanceof Uint8Array ? { [BYTES]: Buffer.from(value).toString("base64") } : value,
  );
}

function decode(text: string): ContainerRecord {
  return JSON.parse(text, (_key, value) =>
    typeof value === "object" && value !== null && typeof value[BYTES] === "string"
      ? new Uint8Array(Buffer.from(value[BYTES], "base64"))
      : value,
  );
}
