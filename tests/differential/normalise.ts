/** Takes out of an engine's answers what differs from run to run: ids, times, durations, paths. */

export type Normaliser = {
  text(text: string): string;
  json(value: unknown): unknown;
};

/** Keys whose values belong to the moment, whatever they are. */
const MOMENTARY = new Set(["Pid", "time", "timeNano", "Created"]);

/** Keys whose texts each engine makes in its own way: only whether there is one counts. */
const OPAQUE = new Set(["SandboxID", "SandboxKey"]);

/**
 * For one engine and one scenario, since ids are numbered in the order of their appearance.
 * @param places fixed texts of the engine, such as its roots, and what is put in their place; longest first wins
 */
export function createNormaliser(places: Record<string, string>): Normaliser {
  const seen: string[] = [];
  const fixed = Object.entries(places).sort(([a], [b]) => b.length - a.length);

  function id(hex: string): string {
    let index = seen.findIndex((full) => full.startsWith(hex) || hex.startsWith(full));
    if (index < 0) index = seen.push(hex) - 1;
    else if (hex.length > (seen[index] ?? "").length) seen[index] = hex;
    return `<id ${index + 1}>`;
  }

  function text(raw: string): string {
    let result = raw.replaceAll("\r\n", "\n");
    // script(1) sends the end of its input to the terminal, which may or may not echo it.
    result = result.replaceAll("^@", "").replaceAll("\b", "");
    for (const [from, to] of fixed) result = result.replaceAll(from, to);
    return (
      result
        .replace(/\b([0-9a-f]{64}|[0-9a-f]{12})\b/g, id)
        .replace(/\b(?!0001-)\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( [A-Z]{3})?/g, "<time>")
        .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} +(\d\d:\d\d|\d{4})\b/g, "<time>")
        .replace(
          /\b(Less than a second|About an? \w+|\d+ (second|minute|hour|day|week|month|year)s?)( ago)?\b/g,
          "<duration>$3",
        )
        // The files in it name places of the engine, which are not equally long.
        .replace(/^(Sending build context to Docker daemon +)[\d.]+ ?[kM]?B/gm, "$1<size>")
        .replace(/(?<=\S) {2,}(?=\S)/g, "  ")
        .replace(/ +$/gm, "")
    );
  }

  function json(value: unknown, key = ""): unknown {
    if (MOMENTARY.has(key) && typeof value === "number" && value !== 0) return `<${key}>`;
    if (OPAQUE.has(key) && value !== "") return `<${key}>`;
    if (key === "GraphDriver") return json(shapeOf(value));
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map((item) => json(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      // In the order of the keys, because that is the order in which ids are numbered.
      sortedEntries(value).map(([name, item]) => [text(name), json(item, name)]),
    );
  }
  return { text, json };
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The types of a value: what a program that reads the JSON depends on. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== "object") return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}
