/** Filters of image lists and prunes. */
import { InvalidInput } from "../../lib/invalid-input.ts";
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import { familiarName, familiarString, type Reference } from "../../wire/reference.ts";
import { untilTime } from "../containers/until-time.ts";
import { findStored, referencesOf } from "./image-set.ts";
import type { ImageRecords, StoredImage } from "./ports.ts";

type Deps = { records: ImageRecords };

/** Milliseconds since the epoch; 0 when the image does not say. */
export function createdAt({ config }: StoredImage): number {
  const time = Date.parse(config.created ?? "");
  return Number.isNaN(time) ? 0 : time;
}

/**
 * Labels, age and neighbours: all filters that an image as a whole passes or not.
 * @param now RFC3339, for `until`
 */
export function imageMatcher(deps: Deps, filters: Filters, now: string): (image: StoredImage) => boolean {
  const before = Math.min(...filters.values("before").map((ref) => createdAt(findStored(deps, ref))));
  const since = Math.max(...filters.values("since").map((ref) => createdAt(findStored(deps, ref))));
  const until = Math.min(...filters.values("until").map((text) => untilTime(text, now)));
  const unwanted = filters.values("label!");
  return (image) => {
    const labels = image.config.config?.Labels;
    const created = createdAt(image);
    if (!matchesLabels(labels, filters.values("label"))) return false;
    if (unwanted.length > 0 && unwanted.some((label) => matchesLabels(labels, [label]))) return false;
    return created < before && created > since && created < until;
  };
}

/** The names to show, of those an image has; undefined when the image is to be left out. */
export function shownReferences(deps: Deps, image: StoredImage, filters: Filters): Reference[] | undefined {
  const dangling = danglingFilter(filters);
  const patterns = filters.values("reference");
  const all = referencesOf(deps, image.id);
  const tagged = all.some(({ digest }) => !digest);
  if (dangling === true && tagged) return undefined;
  if (dangling === false && all.length === 0) return undefined;
  if (patterns.length === 0) return all;
  const shown = all.filter((reference) => patterns.some((pattern) => matchesReference(pattern, reference)));
  return shown.length > 0 ? shown : undefined;
}

/** @throws InvalidInput "invalid filter 'dangling=…'" */
export function danglingFilter(filters: Filters): boolean | undefined {
  const value = filters.values("dangling").at(-1)?.toLowerCase();
  if (value === undefined) return undefined;
  if (["1", "true", "t"].includes(value)) return true;
  if (["0", "false", "f"].includes(value)) return false;
  throw new InvalidInput(`invalid filter 'dangling=[${value}]'`);
}

/** Shell patterns, whose star ends at a slash, on the name as docker shows it, with and without tag. */
function matchesReference(pattern: string, reference: Reference): boolean {
  const matcher = globMatcher(pattern);
  return matcher.test(familiarString(reference)) || matcher.test(familiarName(reference));
}

function globMatcher(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|\[(\^?)([^\]]+)\]|\*|\?|[.+^${}()|[\]\\]/g, (whole, escaped, negate, set) => {
    if (whole === "*") return "[^/]*";
    if (whole === "?") return "[^/]";
    if (set !== undefined) return `[${negate}${String(set).replaceAll("\\", "\\\\")}]`;
    return `\\${escaped ?? whole}`;
  });
  try {
    return new RegExp(`^${source}$`);
  } catch (cause) {
    throw new InvalidInput(`syntax error in pattern: ${pattern}`, { cause });
  }
}
