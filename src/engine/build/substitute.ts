/** $NAME, ${NAME}, ${NAME:-word} and the like, quotes and escapes, as in a Dockerfile (buildkit, dockerfile/shell). */
import { invalid } from "../errors.ts";
import type { Escape } from "./dockerfile/lines.ts";
import { goQuote } from "./go-format.ts";

/** "NAME=value"; the first of a name counts. */
export type Environment = readonly string[];

/** One word. @throws EngineError invalid, with the text at fault */
export function substitute(text: string, environment: Environment, escapeToken: Escape): string {
  return read(text, environment, escapeToken)
    .pieces.map(({ value }) => value)
    .join("");
}

/** A text of many lines, in which quotes mean nothing: a file's content. */
export function substituteText(text: string, environment: Environment): string {
  return read(text, environment, "\\", { quotes: false })
    .pieces.map(({ value }) => value)
    .join("");
}

/** The same as of one word, parted at blanks that are not quoted, also at those that came from a variable. */
export function substituteWords(text: string, environment: Environment, escapeToken: Escape): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { value, quoted } of read(text, environment, escapeToken).pieces) {
    if (quoted) {
      word = (word ?? "") + value;
      continue;
    }
    for (const char of value) {
      if (!/\s/.test(char)) word = (word ?? "") + char;
      else if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    }
  }
  return word === undefined ? words : [...words, word];
}

type Piece = { value: string; quoted: boolean };
/** @property quotes do quotes mean something? */
type Reader = { chars: string[]; at: number; environment: Environment; escapeToken: Escape; quotes: boolean };

function read(
  text: string,
  environment: Environment,
  escapeToken: Escape,
  { quotes } = { quotes: true },
): { pieces: Piece[] } {
  const reader: Reader = { chars: [...text], at: 0, environment, escapeToken, quotes };
  try {
    return { pieces: pieces(reader, undefined) };
  } catch (error) {
    if (error instanceof SubstitutionError) throw invalid(`failed to process ${goQuote(text)}: ${error.message}`);
    throw error;
  }
}

class SubstitutionError extends Error {}
const failed = (message: string) => new SubstitutionError(message);

const MAX_DEPTH = 100;

/** Up to `stop`, which is taken too; undefined: up to the end. */
function pieces(reader: Reader, stop: string | undefined, depth = 0): Piece[] {
  if (depth > MAX_DEPTH) throw failed("too many substitutions inside each other");
  const found: Piece[] = [];
  const plain = (value: string) => found.push({ value, quoted: false });
  const quoted = (value: string) => found.push({ value, quoted: true });
  for (;;) {
    const char = reader.chars[reader.at++];
    if (char === undefined) {
      if (stop !== undefined) throw failed(`unexpected end of statement while looking for matching ${stop}`);
      return found;
    }
    if (char === stop) return found;
    if (char === "'" && reader.quotes) quoted(singleQuoted(reader));
    else if (char === '"' && reader.quotes) quoted(doubleQuoted(reader, depth));
    else if (char === "$") plain(variable(reader, depth));
    else if (char === reader.escapeToken) {
      const next = reader.chars[reader.at++];
      if (next !== undefined) quoted(next);
    } else plain(char);
  }
}

function singleQuoted(reader: Reader): string {
  const end = reader.chars.indexOf("'", reader.at);
  if (end < 0) throw failed("unexpected end of statement while looking for matching single-quote");
  const text = reader.chars.slice(reader.at, end).join("");
  reader.at = end + 1;
  return text;
}

function doubleQuoted(reader: Reader, depth: number): string {
  let text = "";
  for (;;) {
    const char = reader.chars[reader.at++];
    if (char === undefined) throw failed("unexpected end of statement while looking for matching double-quote");
    if (char === '"') return text;
    if (char === "$") text += variable(reader, depth);
    else if (char === reader.escapeToken) {
      const next = reader.chars[reader.at];
      // Only what means something in quotes can be escaped.
      if (next === '"' || next === "$" || next === reader.escapeToken) {
        text += next;
        reader.at++;
      } else text += char;
    } else text += char;
  }
}

/** What stands behind a dollar. */
function variable(reader: Reader, depth: number): string {
  if (reader.chars[reader.at] !== "{") {
    const name = nameAt(reader);
    return name === "" ? "$" : (lookUp(reader, name) ?? "");
  }
  reader.at++;
  const first = reader.chars[reader.at];
  if (first === undefined) throw failed("syntax error: missing '}'");
  if (first === "{" || first === "}" || first === ":") throw failed("syntax error: bad substitution");
  const name = nameAt(reader);
  const value = lookUp(reader, name);
  let modifier = reader.chars[reader.at++];
  if (modifier === "}") return value ?? "";
  const orEmpty = modifier === ":";
  if (orEmpty) modifier = reader.chars[reader.at++];
  if (modifier === undefined) throw failed("syntax error: missing '}'");
  const word = pieces(reader, "}", depth + 1)
    .map((piece) => piece.value)
    .join("");
  const missing = value === undefined || (orEmpty && value === "");
  switch (modifier) {
    case "-":
      return missing ? word : value;
    case "+":
      return missing ? "" : word;
    case "?":
      if (missing) throw failed(word === "" ? `${name}: not allowed to be empty` : `${name}: ${word}`);
      return value;
    default:
      throw failed(`unsupported modifier (${modifier}) in substitution`);
  }
}

/** Also the shell's own one-character names, which are never set here. */
function nameAt(reader: Reader): string {
  const rest = reader.chars.slice(reader.at, reader.at + 256).join("");
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|\d+|[@*#?$!-])/.exec(rest)?.[0] ?? "";
  reader.at += name.length;
  return name;
}

function lookUp({ environment }: Reader, name: string): string | undefined {
  return environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
