/** One engine a data root: a lock that the kernel takes back when its holder dies. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { conflict } from "../../engine/errors.ts";

/**
 * Hold `directory` until the returned function is called or the process ends.
 * Node has no flock(2); an exclusive transaction of SQLite is one on a file (fcntl(2) locks), also between two engines
 * in one process.
 * @throws EngineError conflict when another engine holds it.
 */
export function lockDirectory(directory: string): () => void {
  const db = new DatabaseSync(join(directory, "engine.lock"), { timeout: 0 });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw isBusy(error) ? conflict(`another engine uses the data root ${directory}`) : error;
  }
  return () => db.close();
}

// https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const isBusy = (error: unknown) => error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
