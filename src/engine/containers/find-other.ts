/** Containers that a new one's options name. */
import { EngineError, invalid } from "../errors.ts";
import type { Containers } from "./store.ts";

/** Throws invalid if there is none: not-found as the answer to a create makes the CLI pull the image. */
export function findOther(store: Containers, ref: string): ReturnType<Containers["find"]> {
  try {
    return store.find(ref);
  } catch (error) {
    if (error instanceof EngineError) throw invalid(error.message);
    throw error;
  }
}
