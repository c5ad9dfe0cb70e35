/** Check untrusted JSON against a schema and speak as Go's encoding/json does when it does not fit. */
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { InvalidInput } from "../lib/invalid-input.ts";

const GO_TYPES: Record<string, string> = {
  string: "string",
  integer: "int64",
  number: "float64",
  boolean: "bool",
  array: "[]string",
  object: "struct",
};

/**
 * A decoder for one request body.
 * @param goName Go's name of the type, for messages ("ContainerConfigWrapper")
 * @returns a function that gives the value typed, or throws InvalidInput
 */
export function jsonDecoder<T extends TSchema>(schema: T, goName: string): (value: unknown) => Static<T> {
  // Compiled at the first request: an engine that only lists containers never pays for it.
  let validator: ReturnType<typeof Compile<T>> | undefined;
  return (value) => {
    validator ??= Compile(schema);
    if (validator.Check(value)) return value as Static<T>;
    const mismatch = validator
      .Errors(value)
      .find((error) => error.keyword === "type" && String(error.params.type) !== "null");
    const path = mismatch?.instancePath ?? "";
    const wanted = GO_TYPES[String(mismatch?.keyword === "type" ? mismatch.params.type : "object")] ?? "value";
    const field = [goName, ...path.split("/").filter((part) => part !== "" && !isIndex(part))].join(".");
    throw new InvalidInput(
      `json: cannot unmarshal ${jsonKind(at(value, path))} into Go struct field ${field} of type ${wanted}`,
    );
  };
}

/** Go names the field of a list, not the place in it. */
const isIndex = (part: string) => /^\d+$/.test(part);

function at(value: unknown, path: string): unknown {
  let here = value;
  for (const part of path.split("/").slice(1)) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Reflect.get(here, part.replaceAll("~1", "/").replaceAll("~0", "~"));
  }
  return here;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

// -- shapes that docker's requests share ------------------------------------------------------------------------------

/** Go's map[string]string: null values are empty texts. undefined if nothing was sent. */
export function textMap(sent: Record<string, string | null> | null | undefined): Record<string, string> | undefined {
  if (!sent) return undefined;
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, value ?? ""]));
}

/** Go's map[string]struct{}. */
export function keySet(sent: Record<string, unknown>): Record<string, object> {
  return Object.fromEntries(Object.keys(sent).map((key) => [key, {}]));
}

/** Docker's strslice: one text stands for a list of one. */
export function words(sent: string | string[] | null | undefined): string[] | null {
  if (typeof sent === "string") return [sent];
  return sent ?? null;
}
