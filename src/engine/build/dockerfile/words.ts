/** What the arguments of a Dockerfile's instruction consist of. Quotes and escapes are kept: substitution takes them off. */
import { invalid } from "../../errors.ts";
import type { Escape } from "./lines.ts";

export type NameValue = { name: string; value: string };

const BLANK = /[\t\v\f\r ]+/;

/** Parted at blanks, quotes or not. */
export function plainWords(rest: string): string[] {
  return rest === "" ? [] : rest.split(BLANK);
}

/** Parted at blanks that are neither quoted nor escaped. */
export function quotedWords(rest: string, escapeToken: Escape): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < rest.length; at++) {
    const char = rest[at] as string;
    if (quote === "" && /\s/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    word += char;
    if (char === escapeToken && quote !== "'") {
      if (at + 1 < rest.length) word += rest[++at];
    } else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = "";
  }
  if (word !== "") words.push(word);
  return words;
}

/**
 * `["a","b"]`
 * @returns undefined for what is no JSON list: docker then takes the text for a shell's
 * @throws EngineError invalid when it is a list of other things than texts
 */
export function jsonWords(rest: string): string[] | undefined {
  if (!rest.startsWith("[")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.every((item) => typeof item === "string")) return value;
  throw invalid("when using JSON array syntax, arrays must be comprised of strings only");
}

/** `A=1 B="2 3"`, or the old form `A the rest`. */
export function nameValues(rest: string, instruction: string, escapeToken: Escape): NameValue[] {
  const words = quotedWords(rest, escapeToken);
  if (words.length === 0) throw invalid(`${instruction} requires at least one argument`);
  if (!words[0]?.includes("=")) {
    const [, name = "", value = ""] = /^(\S+)[\t\v\f\r ]+([\s\S]+)$/.exec(rest) ?? [];
    if (name === "") throw invalid(`${instruction} must have two arguments`);
    return [{ name, value }];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) throw invalid(`Syntax error - can't find = in "${word}". Must be of the form: name=value`);
    if (equals === 0) throw invalid(`${instruction} names can not be blank`);
    return { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

/** Those that may be given once, and those that may be repeated. */
export type Flags = { flags: Record<string, string>; lists: Record<string, string[]> };

const REPEATABLE = new Set(["mount", "exclude"]);

/** The flags that an instruction has. @property booleans those of them that may stand without a value */
export type KnownFlags = { known: readonly string[]; booleans: readonly string[] };

/**
 * The flags before the arguments: `--from=x --chown=1:1 rest`.
 * @throws EngineError invalid "Unknown flag: x"
 */
export function takeFlags(
  rest: string,
  { known, booleans }: KnownFlags,
  escapeToken: Escape,
): Flags & { rest: string } {
  const flags: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  let left = rest;
  for (;;) {
    const word = /^--\S*/.exec(left) ? quotedWords(left, escapeToken)[0] : undefined;
    if (word === undefined) return { flags, lists, rest: left };
    left = left.slice(word.length).trimStart();
    if (word === "--") return { flags, lists, rest: left };
    const [, name = "", given] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (!known.includes(name)) throw invalid(`Unknown flag: ${name}`);
    const value = given ?? (booleans.includes(name) ? "true" : undefined);
    if (value === undefined) throw invalid(`Missing a value on flag: ${name}`);
    if (Object.hasOwn(flags, name)) throw invalid(`Duplicate flag specified: ${name}`);
    const text = withoutQuotes(value, escapeToken);
    if (booleans.includes(name) && text !== "true" && text !== "false")
      throw invalid(`expecting boolean value for flag ${name}, not: ${text}`);
    if (REPEATABLE.has(name)) lists[name] = [...(lists[name] ?? []), text];
    else flags[name] = text;
  }
}

/** A word as it is meant: quotes and escapes taken off. */
export function withoutQuotes(text: string, escapeToken: Escape): string {
  let result = "";
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === escapeToken && quote !== "'" && at + 1 < text.length) result += text[++at];
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = "";
    else result += char;
  }
  return result;
}
