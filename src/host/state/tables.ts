/** The database of networks and volumes: few and rarely changed, apart from the containers' table. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** @param dataRoot held by openState */
export function openTables(dataRoot: string): DatabaseSync {
  const database = new DatabaseSync(join(dataRoot, "networks-volumes.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  return database;
}
