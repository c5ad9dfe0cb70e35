import { compactJson } from "../engine/json.ts";
import { sprintf } from "./printf.ts";
import { isMap, print, truth, typeName, type Value } from "./value.ts";

type Fn = (...args: Value[]) => Value;

/** The functions of Go's text/template and those that docker adds. `and` and `or` are the walker's: they stop early. */
export const functions: Readonly<Record<string, Fn>> = {
  // docker's
  // A row writes its own JSON, and Go's default is to escape what HTML minds.
  json: (value) => (isMap(value) && typeName in value ? escapeHtml(compactJson(value)) : compactJson(value)),
  split: (text, separator) => String(text).split(String(separator)),
  join: (items, separator) => (Array.isArray(items) ? items.map(print).join(String(separator)) : ""),
  title: (text) =>
    String(text).replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_all, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  lower: (text) => String(text).toLowerCase(),
  upper: (text) => String(text).toUpperCase(),
  pad: (text, before, after) =>
    String(text) === "" ? "" : " ".repeat(Number(before)) + String(text) + " ".repeat(Number(after)),
  truncate: (text, length) => String(text).slice(0, Number(length)),
  // Go's
  and: (...args) => args.find((arg) => !truth(arg)) ?? args.at(-1),
  or: (...args) => args.find(truth) ?? args.at(-1),
  not: (value) => !truth(value),
  len: length,
  index: (value, ...keys) => keys.reduce(at, value),
  slice: (value, from = 0, to = undefined) => part(value, Number(from), to === undefined ? undefined : Number(to)),
  print: (...args) => sprint(args),
  println: (...args) => `${args.map(print).join(" ")}\n`,
  printf: (format, ...args) => sprintf(String(format), args),
  html: (...args) =>
    sprint(args).replace(/[&<>"']/g, (char) =>
      `&#${char.charCodeAt(0)};`.replace("&#38;", "&amp;").replace("&#60;", "&lt;").replace("&#62;", "&gt;"),
    ),
  js: (...args) => JSON.stringify(sprint(args)).slice(1, -1),
  urlquery: (...args) => encodeURIComponent(sprint(args)).replaceAll("%20", "+"),
  call: (fn, ...args) => (typeof fn === "function" ? fn(...args) : undefined),
  eq: (first, ...others) => {
    if (others.length === 0) throw new Error("error calling eq: missing argument for comparison");
    return others.some((other) => same(first, other));
  },
  ne: (a, b) => !same(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
};

function length(value: Value): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  if (value === null) return 0;
  throw new Error("error calling len: len of untyped nil");
}

function at(value: Value, key: Value): Value {
  if (Array.isArray(value) || typeof value === "string") {
    const position = Number(key);
    if (!(position >= 0 && position < value.length))
      throw new Error(`error calling index: reflect: slice index out of range`);
    return typeof value === "string" ? value.charCodeAt(position) : value[position];
  }
  if (isMap(value)) return Object.hasOwn(value, String(key)) ? value[String(key)] : "";
  if (value === null) return undefined;
  throw new Error("error calling index: index of untyped nil");
}

const part = (value: Value, from: number, to: number | undefined): Value =>
  typeof value === "string" || Array.isArray(value) ? value.slice(from, to) : value;

/** fmt.Sprint: blanks only between two operands of which neither is a string. */
const sprint = (args: Value[]): string =>
  args.reduce<string>((text, arg, i) => {
    const apart = i > 0 && typeof arg !== "string" && typeof args[i - 1] !== "string";
    return `${text}${apart ? " " : ""}${print(arg)}`;
  }, "");

function same(a: Value, b: Value): boolean {
  if (typeof a === "bigint" || typeof b === "bigint") return String(a) === String(b);
  if (a !== null && b !== null && a !== undefined && b !== undefined && typeof a !== typeof b)
    throw new Error("error calling eq: incompatible types for comparison");
  return a === b;
}

function compare(a: Value, b: Value): number {
  const numbers = (v: Value) => typeof v === "number" || typeof v === "bigint";
  if (numbers(a) && numbers(b)) return Number(a) - Number(b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  throw new Error("error calling lt: incompatible types for comparison");
}

const escapeHtml = (json: string): string =>
  json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
