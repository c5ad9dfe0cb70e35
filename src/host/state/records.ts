/** Container records in SQLite: one row a container, the record as JSON. */
import { chmodSync, mkdirSync } from "node:fs";
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
  // Environments hold secrets. Its -wal and -shm take their modes from it.
  chmodSync(path, 0o600);
  // WAL with NORMAL: a commit is one append without fsync. It survives the engine's death; only power loss may cost the
  // last commits, and then no container runs any more either.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  // The plan is the larger part by far, and changes only at a start.
  db.exec(`CREATE TABLE IF NOT EXISTS containers (
    id TEXT PRIMARY KEY, created TEXT NOT NULL, record TEXT NOT NULL, plan TEXT) STRICT, WITHOUT ROWID`);
  return db;
}

function containerRecords(db: DatabaseSync): Records {
  const upsert = db.prepare(
    `INSERT INTO containers (id, created, record) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET record = excluded.record`,
  );
  const upsertAll = db.prepare(
    `INSERT INTO containers (id, created, record, plan) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET record = excluded.record, plan = excluded.plan`,
  );
  const remove = db.prepare("DELETE FROM containers WHERE id = ?");
  const all = db.prepare("SELECT record, plan FROM containers ORDER BY created, id");
  /** the plan that is stored for a record */
  const stored = new WeakMap<ContainerRecord, ContainerRecord["plan"]>();
  return {
    save(record) {
      const { plan, ...rest } = record;
      attempt("save", record.id, () => {
        if (stored.get(record) === plan) upsert.run(record.id, record.created, encode(rest));
        else upsertAll.run(record.id, record.created, encode(rest), plan ? encode(plan) : null);
      });
      stored.set(record, plan);
    },
    delete: (id) => attempt("delete", id, () => remove.run(id)),
    loadAll: () =>
      all.all().map((row) => {
        const record: ContainerRecord = decode(String(row.record));
        if (row.plan !== null) record.plan = decode(String(row.plan));
        stored.set(record, record.plan);
        return record;
      }),
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

function encode(value: object): string {
  // A Buffer has become something else by the time that it gets here: toJSON comes first.
  return JSON.stringify(value, function (this: Record<string, unknown>, key, part) {
    const own = this[key];
    return own instanceof Uint8Array ? { [BYTES]: Buffer.from(own).toString("base64") } : part;
  });
}

/** What encode wrote: the table is the engine's own. */
function decode<T>(text: string): T {
  return JSON.parse(text, (_key, part) =>
    typeof part === "object" && part !== null && typeof part[BYTES] === "string"
      ? new Uint8Array(Buffer.from(part[BYTES], "base64"))
      : part,
  );
}
