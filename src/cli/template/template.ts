import { functions } from "./functions.ts";
import { TemplateError } from "./lexer.ts";
import { type Node, type Pipe, parseTemplate, type Term } from "./parser.ts";
import { isMap, nullText, print, truth, typeName, type Value } from "./value.ts";

/** @param missing what a key that a map does not have is: an error, or "<no value>" */
export type Template = (data: Value, missing?: "error" | "empty") => string;

const names = new Set(Object.keys(functions));

/** Go's text/template, as far as formats on a command line go. @throws TemplateError when parsed, and when run */
export function compileTemplate(source: string): Template {
  const nodes = parseTemplate(source, names);
  return (data, missing = "error") => {
    const out: string[] = [];
    walk(nodes, { dot: data, root: data, scopes: [new Map([["$", data]])], missing, source, out });
    return out.join("");
  };
}

type Scope = {
  dot: Value;
  root: Value;
  scopes: Map<string, Value>[];
  missing: "error" | "empty";
  source: string;
  out: string[];
};

function walk(nodes: Node[], scope: Scope): "break" | "continue" | undefined {
  for (const node of nodes) {
    switch (node.kind) {
      case "text":
        scope.out.push(node.text);
        break;
      case "action": {
        const value = evaluate(node.pipe, scope);
        if (node.pipe.variables.length === 0) scope.out.push(shown(node.pipe, value));
        break;
      }
      case "break":
      case "continue":
        return node.kind;
      case "range":
        range(node.pipe, node.body, node.otherwise, scope);
        break;
      case "if":
      case "with": {
        const inner = { ...scope, scopes: [...scope.scopes, new Map()] };
        const value = evaluate(node.pipe, inner);
        if (node.kind === "with" && truth(value)) inner.dot = value;
        const stop = walk(truth(value) ? node.body : node.otherwise, inner);
        if (stop) return stop;
        break;
      }
      default:
        throw new Error(`unreachable: ${node satisfies never}`);
    }
  }
  return undefined;
}

function range(pipe: Pipe, body: Node[], otherwise: Node[], scope: Scope): void {
  const value = evaluate({ ...pipe, variables: [] }, scope);
  const items: [Value, Value][] = Array.isArray(value)
    ? value.map((item, i) => [i, item])
    : typeof value === "number"
      ? Array.from({ length: value }, (_none, i) => [i, i])
      : isMap(value)
        ? Object.keys(value)
            .sort()
            .map((key) => [key, value[key]])
        : [];
  if (items.length === 0) {
    walk(otherwise, scope);
    return;
  }
  for (const [key, item] of items) {
    const variables = new Map<string, Value>();
    if (pipe.variables.length === 1) variables.set(pipe.variables[0] ?? "", item);
    if (pipe.variables.length === 2) variables.set(pipe.variables[0] ?? "", key).set(pipe.variables[1] ?? "", item);
    if (walk(body, { ...scope, dot: item, scopes: [...scope.scopes, variables] }) === "break") return;
  }
}

/** A null is printed as what its field's type is empty as. */
function shown(pipe: Pipe, value: Value): string {
  const field = pipe.commands.at(-1)?.at(-1)?.fields.at(-1);
  return value === null && field !== undefined ? nullText(field) : print(value);
}

function evaluate(pipe: Pipe, scope: Scope): Value {
  let value: Value;
  pipe.commands.forEach((command, i) => {
    value = runCommand(command, scope, i === 0 ? [] : [value]);
  });
  for (const name of pipe.variables) {
    const holder = pipe.assign ? scope.scopes.findLast((variables) => variables.has(name)) : scope.scopes.at(-1);
    if (!holder) throw new TemplateError(`template: :1: undefined variable ${JSON.stringify(name)}`);
    holder.set(name, value);
  }
  return value;
}

function runCommand(command: Term[], scope: Scope, piped: Value[]): Value {
  const [first, ...rest] = command as [Term, ...Term[]];
  const args = () => [...rest.map((term) => resolve(term, scope, [])), ...piped];
  if (first.operand.kind === "function" && first.fields.length === 0) {
    if (first.operand.name === "and" || first.operand.name === "or")
      return early(first.operand.name, rest, scope, piped);
    return callFunction(first, command, args(), scope);
  }
  return resolve(first, scope, rest.length || piped.length ? args() : []);
}

/** `and` and `or` look at an argument only when those before it did not decide. */
function early(name: "and" | "or", terms: Term[], scope: Scope, piped: Value[]): Value {
  let value: Value = piped[0];
  for (const term of terms) {
    value = resolve(term, scope, []);
    if (truth(value) === (name === "or")) return value;
  }
  return piped.length ? piped[0] : value;
}

function callFunction(first: Term, command: Term[], args: Value[], scope: Scope): Value {
  const name = first.operand.kind === "function" ? first.operand.name : "";
  try {
    return functions[name]?.(...args);
  } catch (error) {
    const text = command.map((term) => term.source.trim()).join(" ");
    throw failure(
      scope,
      first.at,
      name === "index" || name === "len" || name === "eq" ? text : name,
      String((error as Error).message),
    );
  }
}

function resolve(term: Term, scope: Scope, args: Value[]): Value {
  const { operand } = term;
  let value: Value;
  if (operand.kind === "dot") value = scope.dot;
  else if (operand.kind === "nil") value = null;
  else if (operand.kind === "literal") value = operand.value;
  else if (operand.kind === "pipe") value = evaluate(operand.pipe, scope);
  else if (operand.kind === "function") value = callFunction(term, [term], [], scope);
  else {
    const holder = scope.scopes.findLast((variables) => variables.has(operand.name));
    if (!holder) throw new TemplateError(`template: :1: undefined variable ${JSON.stringify(operand.name)}`);
    value = holder.get(operand.name);
  }
  term.fields.forEach((name, i) => {
    value = field(value, name, term, scope);
    if (typeof value === "function") value = value(...(i === term.fields.length - 1 ? args : []));
  });
  return value;
}

function field(value: Value, name: string, term: Term, scope: Scope): Value {
  if (isMap(value)) {
    if (Object.hasOwn(value, name)) return value[name];
    // Go's structs have ID where their JSON has Id: both are found.
    const other = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
    if (other !== undefined && !(typeName in value)) return value[other];
    if (typeName in value)
      throw failure(
        scope,
        term.at,
        term.source,
        `can't evaluate field ${name} in type ${String(value[typeName as unknown as string])}`,
      );
    if (scope.missing === "error")
      throw failure(scope, term.at, term.source, `map has no entry for key ${JSON.stringify(name)}`);
    return undefined;
  }
  if (value === undefined && scope.missing === "empty") return undefined;
  if (value === null || value === undefined)
    throw failure(scope, term.at, term.source, `nil pointer evaluating interface {}.${name}`);
  throw failure(scope, term.at, term.source, `can't evaluate field ${name} in type interface {}`);
}

function failure(scope: Scope, at: number, what: string, why: string): TemplateError {
  const before = scope.source.slice(0, at);
  const line = before.split("\n").length;
  const column = line === 1 ? at : at - before.lastIndexOf("\n");
  return new TemplateError(`template: :${line}:${column}: executing "" at <${what}>: ${why}`);
}
