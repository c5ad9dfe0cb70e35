import { bad, lex, type TemplateError, type Token } from "./lexer.ts";

export type Operand =
  | { kind: "dot" }
  | { kind: "nil" }
  | { kind: "literal"; value: string | number | boolean }
  | { kind: "variable"; name: string }
  | { kind: "function"; name: string }
  | { kind: "pipe"; pipe: Pipe };
/** An operand and the fields after it: $x.Name.First. A plain field's operand is the dot. */
export type Term = { operand: Operand; fields: string[]; at: number; source: string };
export type Pipe = { variables: string[]; assign: boolean; commands: Term[][] };
export type Node =
  | { kind: "text"; text: string }
  | { kind: "action"; pipe: Pipe }
  | { kind: "if" | "with" | "range"; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { kind: "break" | "continue" };

/** @throws TemplateError in the words of Go's text/template. @param functions names that may be called */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Node[] {
  const tokens = lex(source);
  let next = 0;
  const at = () => tokens[next]?.at ?? source.length;
  const fail = (what: string): TemplateError => bad(source, at(), what);
  const peek = (): Token | undefined => tokens[next];
  const skip = () => {
    while (peek()?.kind === "space") next++;
  };
  const is = (text: string) => peek()?.kind === "punct" && peek()?.text === text;

  function nodes(inBlock: boolean): { body: Node[]; end: string } {
    const body: Node[] = [];
    for (let token = peek(); token; token = peek()) {
      next++;
      if (token.kind === "text") {
        body.push({ kind: "text", text: token.text });
        continue;
      }
      skip();
      const word = peek()?.kind === "word" ? peek()?.text : undefined;
      if (word === "end" || word === "else") {
        if (!inBlock) throw fail(`unexpected {{${word}}}`);
        next++;
        skip();
        if (word === "end") close("end");
        return { body, end: word };
      }
      if (word === "if" || word === "with" || word === "range") {
        next++;
        body.push(block(word));
      } else if (word === "break" || word === "continue") {
        next++;
        close(word);
        body.push({ kind: word });
      } else {
        const parsed = pipe(true);
        if (peek()?.kind !== "close") throw fail(`unexpected ${shown(peek())} in operand`);
        next++;
        body.push({ kind: "action", pipe: parsed });
      }
    }
    if (inBlock) throw fail("unexpected EOF");
    return { body, end: "" };
  }

  function block(kind: "if" | "with" | "range"): Node {
    const head = pipe(true);
    if (head.commands.length === 0) throw fail(`missing value for ${kind}`);
    close(kind);
    const { body, end } = nodes(true);
    if (end === "end") return { kind, pipe: head, body, otherwise: [] };
    const word = peek()?.kind === "word" ? peek()?.text : undefined;
    if (word === "if" || word === "with") {
      next++;
      return { kind, pipe: head, body, otherwise: [block(word)] };
    }
    close("else");
    return { kind, pipe: head, body, otherwise: nodes(true).body };
  }

  function close(where: string): void {
    skip();
    if (peek()?.kind !== "close") throw fail(`unexpected ${shown(peek())} in ${where}`);
    next++;
  }

  function pipe(atTop: boolean): Pipe {
    skip();
    const declared = declarations();
    const commands: Term[][] = [];
    for (;;) {
      const command = terms();
      if (command.length === 0) {
        if (commands.length > 0 || declared.variables.length > 0 || !atTop) throw fail("missing value for command");
        if (peek()?.kind === "close") throw fail("missing value for command");
        throw fail(`unexpected ${shown(peek())} in command`);
      }
      commands.push(command);
      if (!is("|")) return { ...declared, commands };
      next++;
    }
  }

  function declarations(): { variables: string[]; assign: boolean } {
    const start = next;
    const variables: string[] = [];
    while (peek()?.kind === "variable") {
      variables.push(peek()?.text ?? "");
      next++;
      skip();
      if (is(",")) {
        next++;
        skip();
        continue;
      }
      if (is(":=") || is("=")) {
        const assign = is("=");
        next++;
        return { variables, assign };
      }
      break;
    }
    next = start;
    return { variables: [], assign: false };
  }

  function terms(): Term[] {
    const command: Term[] = [];
    for (skip(); ; skip()) {
      const one = term();
      if (!one) return command;
      command.push(one);
    }
  }

  function term(): Term | undefined {
    const start = at();
    let position = start;
    const operand = head();
    if (!operand) return undefined;
    const fields: string[] = [];
    const plain = operand.kind === "dot" && tokens[next]?.kind === "field";
    for (let first = true; peek()?.kind === "field"; first = false) {
      // Go gives the place of the first field behind the operand; a plain .A.B has its .A as the operand.
      if (first ? !plain : fields.length === 1 && plain) position = at();
      fields.push((peek()?.text ?? "").slice(1));
      next++;
    }
    return { operand, fields, at: position, source: source.slice(start, at()) };
  }

  function head(): Operand | undefined {
    const token = peek();
    if (!token) return undefined;
    if (token.kind === "field") return { kind: "dot" };
    if (token.kind === "punct" && token.text === ".") {
      next++;
      return { kind: "dot" };
    }
    if (token.kind === "punct" && token.text === "(") {
      next++;
      const inner = pipe(false);
      skip();
      if (!is(")")) throw fail("unclosed left paren");
      next++;
      return { kind: "pipe", pipe: inner };
    }
    if (token.kind === "variable") {
      next++;
      return { kind: "variable", name: token.text };
    }
    if (token.kind === "string" || token.kind === "char" || token.kind === "number") {
      next++;
      return { kind: "literal", value: literal(token) };
    }
    if (token.kind !== "word") return undefined;
    if (token.text === "true" || token.text === "false") {
      next++;
      return { kind: "literal", value: token.text === "true" };
    }
    if (token.text === "nil") {
      next++;
      return { kind: "nil" };
    }
    if (!functions.has(token.text)) throw fail(`function ${JSON.stringify(token.text)} not defined`);
    next++;
    return { kind: "function", name: token.text };
  }

  return nodes(false).body;
}

function literal({ kind, text }: Token): string | number {
  if (kind === "number") return Number(text.replaceAll("_", ""));
  if (text.startsWith("`")) return text.slice(1, -1);
  const inner = text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (_all, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" }[code] ?? code;
  });
  return kind === "char" ? (inner.codePointAt(0) ?? 0) : inner;
}

const shown = (token: Token | undefined) => (token ? `<${token.text}>` : "EOF");
