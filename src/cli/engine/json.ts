/** A JSON value; numbers that a double cannot hold exactly (nanoseconds since 1970) are bigints. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** Parses without losing digits. */
export function parseJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? BigInt(context?.source ?? "")
      : value,
  );
}

/** The text of a value on one line, keys in their order. */
export function compactJson(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(compactJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, v]) => v !== undefined && typeof v !== "function");
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${compactJson(v)}`).join(",")}}`;
}

/**
 * JSON text laid out anew: keys, numbers and strings stay as they were written.
 * @param indent blanks of one level
 * @param prefix blanks before every line but the first
 */
export function indentJson(text: string, indent = "    ", prefix = ""): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let out = "";
  let depth = 0;
  const newline = () => `\n${prefix}${indent.repeat(depth)}`;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? "";
    const next = tokens[i + 1];
    if (token === "{" || token === "[") {
      const close = token === "{" ? "}" : "]";
      if (next === close) {
        out += token + close;
        i++;
      } else {
        depth++;
        out += token + newline();
      }
    } else if (token === "}" || token === "]") {
      depth--;
      out += newline() + token;
    } else if (token === ",") out += token + newline();
    else if (token === ":") out += ": ";
    else out += token;
  }
  return out;
}
