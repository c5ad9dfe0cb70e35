/** The database of networks and volumes: few and rarely changed, apart from the containers' table. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** @param dataRoot held by openState */
export function openTables(dataRoot: string): DatabaseSync {
  const path = join(dataRoot, "networks-volumes.db");
  const database = new DatabaseSync(path);
  chmodSync(path, 0o600); // options of volumes hold passwords of network shares
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  return database;
}
