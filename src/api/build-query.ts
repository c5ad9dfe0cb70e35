/** What POST /build says in its query: texts, lists, JSON. */
import { InvalidInput } from "../lib/invalid-input.ts";

/** @throws InvalidInput with what was to be read */
export function json(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput(`${complaint}: invalid JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Names and texts; null stands for none. @throws InvalidInput */
export function jsonMap(text: string, complaint: string): Record<string, string | null> {
  const value = text === "" ? null : json(text, complaint);
  if (value === null) return {};
  const pairs = typeof value === "object" && !Array.isArray(value) ? Object.entries(value) : undefined;
  if (!pairs?.every(([, item]) => typeof item === "string" || item === null)) throw new InvalidInput(complaint);
  return Object.fromEntries(pairs);
}

/** All of a name that may be repeated. */
export function queryTexts(query: unknown, name: string): string[] {
  const all: unknown = typeof query === "object" && query !== null ? Reflect.get(query, name) : undefined;
  return [all].flat().filter((one) => typeof one === "string");
}
