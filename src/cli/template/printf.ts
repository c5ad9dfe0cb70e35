import { quote } from "../text/quote.ts";
import { significant } from "../text/size.ts";
import { print, type Value } from "./value.ts";

/** Go's fmt.Sprintf for the verbs that templates use: v s q d t f e g x X o b c U T %. */
export function sprintf(format: string, args: Value[]): string {
  let used = 0;
  const text = format.replace(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_all, flags: string, width: string, precision: string, verb: string) => {
      if (verb === "%") return "%";
      const columns = width === "*" ? Number(args[used++]) : Number(width ?? 0);
      if (used >= args.length) return `%!${verb}(MISSING)`;
      const body = one(verb, args[used++], precision === undefined ? undefined : Number(precision), flags);
      if (flags.includes("-")) return body.padEnd(columns);
      return flags.includes("0") && /^[+-]?[\d.]+$/.test(body) ? zeroPadded(body, columns) : body.padStart(columns);
    },
  );
  const extra = args.slice(used).map((arg) => `${goType(arg)}=${print(arg)}`);
  return extra.length ? `${text}%!(EXTRA ${extra.join(", ")})` : text;
}

function one(verb: string, value: Value, precision: number | undefined, flags: string): string {
  const number = typeof value === "number" || typeof value === "bigint";
  const signed = (text: string) => (flags.includes("+") && !text.startsWith("-") ? `+${text}` : text);
  switch (verb) {
    case "v":
      return print(value);
    case "s":
      return number ? wrong(verb, value) : print(value).slice(0, precision);
    case "q":
      return typeof value === "string"
        ? quote(value)
        : Array.isArray(value)
          ? `[${value.map((v) => quote(String(v))).join(" ")}]`
          : wrong(verb, value);
    case "d":
      return number ? signed(String(value)) : wrong(verb, value);
    case "t":
      return typeof value === "boolean" ? String(value) : wrong(verb, value);
    case "f":
    case "F":
      return number ? signed(Number(value).toFixed(precision ?? 6)) : wrong(verb, value);
    case "e":
      return number
        ? Number(value)
            .toExponential(precision ?? 6)
            .replace(/e([+-])(\d)$/, "e$10$2")
        : wrong(verb, value);
    case "g":
      return number
        ? precision === undefined
          ? String(value)
          : significant(Number(value), precision)
        : wrong(verb, value);
    case "x":
    case "X": {
      const hex = number ? (value as number | bigint).toString(16) : Buffer.from(String(value)).toString("hex");
      return verb === "X" ? hex.toUpperCase() : hex;
    }
    case "o":
      return number ? (value as number | bigint).toString(8) : wrong(verb, value);
    case "b":
      return number ? (value as number | bigint).toString(2) : wrong(verb, value);
    case "c":
      return String.fromCodePoint(Number(value));
    case "U":
      return `U+${Number(value).toString(16).toUpperCase().padStart(4, "0")}`;
    case "T":
      return goType(value);
    default:
      return wrong(verb, value);
  }
}

const wrong = (verb: string, value: Value) => `%!${verb}(${goType(value)}=${print(value)})`;

const zeroPadded = (text: string, columns: number) =>
  /^[+-]/.test(text) ? text.slice(0, 1) + text.slice(1).padStart(columns - 1, "0") : text.padStart(columns, "0");

function goType(value: Value): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "bigint") return "int64";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return Array.isArray(value) ? "[]interface {}" : "map[string]interface {}";
}
