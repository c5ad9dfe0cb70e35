/** Query parameters as Docker's API reads them. */

/** The text of a parameter; the last one if it was given several times; undefined if it was not. */
export function queryText(query: unknown, name: string): string | undefined {
  const value =
    typeof query === "object" && query !== null && Object.hasOwn(query, name) ? Reflect.get(query, name) : undefined;
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return typeof last === "string" ? last : undefined;
}

/** Docker's BoolValue: everything is true but "", 0, no, false and none. */
export function queryFlag(query: unknown, name: string): boolean {
  const text = (queryText(query, name) ?? "").trim().toLowerCase();
  return !["", "0", "no", "false", "none"].includes(text);
}
