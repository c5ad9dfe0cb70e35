/** List and event filters: the `filters` query parameter of Docker's API. */
import { InvalidInput } from "../lib/invalid-input.ts";

export type Filters = {
  /** The values given for a name, in order; [] if it was not given. */
  values(name: string): string[];
  has(name: string): boolean;
};

/**
 * Decode `{"label":["a","b=c"]}`, or the older `{"label":{"a":true}}` that clients before API 1.22 (and docker-py and
 * Go's library until today) send.
 * @param text the query parameter as it came; undefined or "" means no filter
 * @param allowed the names this operation knows; any: others are passed over
 * @throws InvalidInput on text that is no such JSON, or on another name (docker: "invalid filter 'x'")
 */
export function parseFilters(text: string | undefined, allowed: readonly string[] | "any"): Filters {
  const byName = new Map<string, string[]>();
  if (text) {
    for (const [name, given] of Object.entries(asObject(parseJson(text)))) {
      if (allowed !== "any" && !allowed.includes(name)) throw new InvalidInput(`invalid filter '${name}'`);
      byName.set(name, valuesOf(name, given));
    }
  }
  return { values: (name) => byName.get(name) ?? [], has: (name) => (byName.get(name)?.length ?? 0) > 0 };
}

/**
 * Does a set of labels satisfy all `label` filters? Each is `key` (present) or `key=value` (equal).
 * @param filters the values of the `label` filter
 */
export function matchesLabels(labels: Record<string, string> | undefined, filters: string[]): boolean {
  return filters.every((filter) => {
    const cut = filter.indexOf("=");
    if (cut < 0) return labels !== undefined && Object.hasOwn(labels, filter);
    const key = filter.slice(0, cut);
    return labels !== undefined && Object.hasOwn(labels, key) && labels[key] === filter.slice(cut + 1);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`invalid filter: ${(error as Error).message}`, { cause: error });
  }
}

function asObject(value: unknown): object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidInput("invalid filter: a JSON object is expected");
  }
  return value;
}

function valuesOf(name: string, given: unknown): string[] {
  const isText = (value: unknown): value is string => typeof value === "string";
  if (Array.isArray(given) && given.every(isText)) return given;
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return Object.entries(given).flatMap(([value, on]) => (on === true ? [value] : []));
  }
  throw new InvalidInput(`invalid filter '${name}'`);
}

/** Nothing filtered: what the engine asks of itself. */
export const noFilters: Filters = parseFilters(undefined, []);
