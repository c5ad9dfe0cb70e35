/** Give a container another name. */
import { EngineError, invalid } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { publish } from "./publish.ts";

/** Throws invalid or conflict with docker's texts. */
export async function renameContainer(deps: Pick<Deps, "store" | "events">, ref: string, asked: string): Promise<void> {
  const container = deps.store.find(ref);
  const { record } = container;
  if (asked === "") throw invalid("Neither old nor new names may be empty");
  const oldName = record.name;
  if (oldName === asked || `/${oldName}` === asked) {
    throw invalid("Renaming a container with the same name as its current name");
  }
  record.name = reserve(deps, asked.startsWith("/") ? asked : `/${asked}`, record.id);
  deps.store.save(container);
  deps.store.releaseName(oldName);
  publish(deps.events, record, "rename", { oldName: `/${oldName}` });
}

function reserve(deps: Pick<Deps, "store">, asked: string, id: string): string {
  try {
    return deps.store.reserveName(asked, id);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `Error when allocating new name: ${error.message}`);
  }
}
