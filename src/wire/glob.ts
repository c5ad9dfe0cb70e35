/** Go's patterns for paths: those of filepath.Match (COPY *.txt), and those of .dockerignore, which also know `**`. */
import { InvalidInput } from "../lib/invalid-input.ts";

type Token =
  | { type: "text"; char: string }
  | { type: "one" }
  | { type: "many" }
  | { type: "class"; negated: boolean; ranges: [string, string][] }
  /** "**" before more: the next token, any number of directories, is passed through or left out */
  | { type: "maybe" }
  | { type: "directories" }
  /** "**" at the end: anything */
  | { type: "rest" };

/** The whole of a path. Time grows with the pattern's length times the path's, whatever the pattern. */
export type Glob = (path: string) => boolean;

/** @throws InvalidInput "syntax error in pattern" */
export function compileGlob(pattern: string, options: { directories: boolean }): Glob {
  const tokens = [...tokenize([...pattern], options.directories)];
  return (path) => matches(tokens, [...path]);
}

/** Does a text hold what makes it a pattern? */
export const isGlob = (text: string): boolean => /(?<!\\)(?:\\\\)*[*?[]/.test(text);

function* tokenize(chars: string[], directories: boolean): Generator<Token> {
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    if (directories && char === "*" && chars[at + 1] === "*") {
      at++;
      if (chars[at + 1] === "/") at++;
      if (at + 1 === chars.length) yield { type: "rest" };
      else yield* [{ type: "maybe" }, { type: "directories" }] as const;
    } else if (char === "*") yield { type: "many" };
    else if (char === "?") yield { type: "one" };
    else if (char === "[") {
      const { token, end } = classAt(chars, at);
      at = end;
      yield token;
    } else if (char === "\\") {
      if (++at >= chars.length) throw badPattern();
      yield { type: "text", char: chars[at] as string };
    } else yield { type: "text", char };
  }
}

function classAt(chars: string[], start: number): { token: Token; end: number } {
  let at = start + 1;
  const negated = chars[at] === "^";
  if (negated) at++;
  const ranges: [string, string][] = [];
  const next = () => {
    if (chars[at] === "\\") at++;
    const char = chars[at++];
    if (char === undefined || at > chars.length) throw badPattern();
    return char;
  };
  while (chars[at] !== "]" || ranges.length === 0) {
    if (chars[at] === "-") throw badPattern();
    const low = next();
    if (chars[at] !== "-") ranges.push([low, low]);
    else {
      at++;
      ranges.push([low, next()]);
    }
  }
  return { token: { type: "class", negated, ranges }, end: at };
}

/** All places in the pattern at which one could be after each character: no place is tried twice. */
function matches(tokens: Token[], path: string[]): boolean {
  let places = withEmpty(tokens, [0]);
  for (const char of path) {
    const next: number[] = [];
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined) continue;
      if (staysFor(token, char)) next.push(place);
      if (passes(token, char)) next.push(place + 1);
    }
    places = withEmpty(tokens, next);
    if (places.length === 0) return false;
  }
  return places.includes(tokens.length);
}

function staysFor({ type }: Token, char: string): boolean {
  return type === "rest" || type === "directories" || (type === "many" && char !== "/");
}

function passes(token: Token, char: string): boolean {
  switch (token.type) {
    case "text":
      return token.char === char;
    case "one":
      return char !== "/";
    case "class":
      return char !== "/" && token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated;
    case "directories":
      return char === "/";
    default:
      return false;
  }
}

/** And the places that lie behind what may stand for nothing. */
function withEmpty(tokens: Token[], places: number[]): number[] {
  const all = new Set<number>();
  const pending = [...places];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (all.has(place)) continue;
    all.add(place);
    const type = tokens[place]?.type;
    if (type === "many" || type === "rest" || type === "maybe") pending.push(place + 1);
    if (type === "maybe") pending.push(place + 2);
  }
  return [...all];
}

const badPattern = () => new InvalidInput("syntax error in pattern");
