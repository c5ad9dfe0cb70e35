export type Token = {
  kind: "text" | "field" | "variable" | "word" | "string" | "char" | "number" | "punct" | "space" | "open" | "close";
  text: string;
  /** offset in the template */
  at: number;
};

export class TemplateError extends Error {}

const INSIDE =
  /(?<space>\s+)|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.)+')|(?<field>\.[A-Za-z_]\w*)|(?<variable>\$\w*)|(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+))|(?<word>[A-Za-z_]\w*)|(?<punct>:=|[|(),=.])/y;

/**
 * Go's template text cut into tokens; "{{-" and "-}}" have taken their blanks from the neighbouring text already.
 * @throws TemplateError in the words of Go's text/template
 */
export function lex(source: string): Token[] {
  const tokens: Token[] = [];
  let trim = false;
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf("{{", at);
    let text = source.slice(at, open < 0 ? source.length : open);
    if (trim) text = text.trimStart();
    const trimLeft = open >= 0 && /^\{\{-\s/.test(source.slice(open, open + 4));
    if (trimLeft) text = text.trimEnd();
    if (text) tokens.push({ kind: "text", text, at });
    if (open < 0) break;
    const inside = open + (trimLeft ? 4 : 2);
    const comment = /^\/\*[\s\S]*?\*\/(\s-)?\}\}/.exec(source.slice(inside));
    if (comment) {
      trim = comment[1] !== undefined;
      at = inside + comment[0].length;
      continue;
    }
    tokens.push({ kind: "open", text: "{{", at: open });
    const end = action(source, inside, tokens);
    trim = end.trim;
    at = end.at;
  }
  return tokens;
}

function action(source: string, from: number, tokens: Token[]): { at: number; trim: boolean } {
  let depth = 0;
  for (let at = from; at < source.length; ) {
    const close = /^(\s-)?\}\}/.exec(source.slice(at, at + 4));
    if (close) {
      if (depth > 0) throw bad(source, at, "unclosed left paren");
      tokens.push({ kind: "close", text: "}}", at });
      return { at: at + close[0].length, trim: close[1] !== undefined };
    }
    INSIDE.lastIndex = at;
    const match = INSIDE.exec(source);
    if (!match) {
      const char = source[at] ?? "";
      if (char === '"') throw bad(source, at, "unterminated quoted string");
      if (char === "`") throw bad(source, at, "unterminated raw quoted string");
      const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
      throw bad(
        source,
        at,
        `unexpected ${JSON.stringify(char)} in command`.replace(JSON.stringify(char), `${code} '${char}'`),
      );
    }
    const kind = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)?.[0] as Token["kind"];
    if (match[0] === "(") depth++;
    if (match[0] === ")" && depth-- === 0) throw bad(source, at, "unexpected right paren");
    tokens.push({ kind, text: match[0], at });
    at += match[0].length;
  }
  throw bad(source, source.length, "unclosed action");
}

/** Go counts lines for what cannot be parsed. */
export function bad(source: string, at: number, what: string): TemplateError {
  return new TemplateError(`template: :${source.slice(0, at).split("\n").length}: ${what}`);
}
