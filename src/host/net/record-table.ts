/** Records as JSON in SQLite, a table a kind. */
import type { DatabaseSync } from "node:sqlite";
import type { RecordTable } from "../../engine/networks/network.ts";

/** @param name of the table, made if it is missing */
export function recordTable<T>(database: DatabaseSync, name: "networks" | "volumes"): RecordTable<T> {
  database.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT`);
  const all = database.prepare(`SELECT record FROM ${name} ORDER BY rowid`);
  const put = database.prepare(
    `INSERT INTO ${name} (key, record) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET record = excluded.record`,
  );
  const remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
  return {
    all: () => all.all().map((row) => JSON.parse(String(row.record)) as T),
    put: (key, record) => void put.run(key, JSON.stringify(record)),
    remove: (key) => void remove.run(key),
  };
}
