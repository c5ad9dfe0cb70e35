import type { Cli } from "../cli.ts";
import { CliError, textOf } from "../errors.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { typeName, type Value } from "../template/value.ts";
import { alignTabs } from "../text/table.ts";

/** Columns of a list: the field's name -> its heading and what a row shows in it. */
export type Columns<T> = Record<string, { heading: string; show: (row: T) => Value }>;

type Listing<T> = {
  columns: Columns<T>;
  rows: T[];
  /** the user's format; empty for the default */
  format: string;
  /** the default, without its "table " */
  table: string;
  /** Go's name of the row's type, for error texts */
  type: string;
};

/** @returns what a list command prints, by --format: a table, JSON lines or a Go template for every row. */
export function listText<T>({ columns, rows, format, table, type }: Listing<T>): string {
  const { isTable, body } = formatOf(format === "" || format === "table" ? `table ${table}` : format);
  const template = compile(body);
  const context = contexts(columns, type);
  const lines = rows.map((row) => render(template, context(row)));
  if (!isTable) return lines.map((line) => `${line}\n`).join("");
  return alignTabs([render(template, headings(columns), "empty"), ...lines].map((line) => `${line}\n`).join(""));
}

/** Prints a list in one write. */
export function printList<T>(cli: Cli, listing: Listing<T>): void {
  cli.out.write(listText(listing));
}

/** The fields that a template names: `ps` asks the engine for sizes only if they are shown. */
export const usesField = (format: string, field: string): boolean => new RegExp(`\\.${field}\\b`).test(format);

function formatOf(format: string): { isTable: boolean; body: string } {
  if (format === "json") return { isTable: false, body: "{{json .}}" };
  const isTable = format.startsWith("table");
  const body = (isTable ? format.slice("table".length) : format).replace(/^ +| +$/g, "");
  return { isTable, body: body.replaceAll("\\t", "\t").replaceAll("\\n", "\n") };
}

function compile(body: string): Template {
  try {
    return compileTemplate(body);
  } catch (error) {
    throw new CliError(`failed to parse template: ${textOf(error)}`);
  }
}

function render(template: Template, data: Value, missing: "error" | "empty" = "error"): string {
  try {
    return template(data, missing);
  } catch (error) {
    throw new CliError(`failed to execute template: ${textOf(error)}`);
  }
}

const shownRow = Symbol("row");

/**
 * What a template works on in a row: fields in the order of their names, as Go's JSON of a map has them, each made only
 * when it is asked for (the name of a time zone alone takes longer than all the rest of `ps`).
 */
function contexts<T>(columns: Columns<T>, type: string): (row: T) => Value {
  const fields = Object.keys(columns).sort();
  const getters = Object.fromEntries(
    fields.map((field) => {
      const get = function (this: { [shownRow]: T }) {
        return columns[field]?.show(this[shownRow]);
      };
      return [field, { enumerable: true, get }];
    }),
  );
  return (row) => Object.defineProperties({ [shownRow]: row, [typeName]: type }, getters);
}

function headings<T>(columns: Columns<T>): Value {
  return Object.fromEntries([
    ...Object.entries(columns).map(([field, { heading }]) => [field, heading]),
    ["Label", (name: unknown) => String(name).split(".").at(-1)?.replace(/[-_]/g, " ") ?? ""],
  ]);
}
