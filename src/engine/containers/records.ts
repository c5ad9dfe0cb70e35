/** Where container records outlive the engine. Body: host/state/records.ts. */
import type { ContainerRecord } from "./container.ts";

export interface Records {
  /** Written when the call returns; a record replaces the one with its id. Throws EngineError internal (disk full …). */
  save(record: ContainerRecord): void;
  delete(id: string): void;
  /** In order of creation. */
  loadAll(): ContainerRecord[];
}
