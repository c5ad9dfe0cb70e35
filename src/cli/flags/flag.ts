import { bytesFromText } from "../../wire/size.ts";
import { duration } from "../text/duration.ts";
import { boolFromText, cpusFromText, intFromText, uintFromText } from "./numbers.ts";

/** One option of a command. T is what `read` makes of its texts; a flag given twice is read twice. */
export type Flag<T> = {
  readonly name: string;
  readonly short: string;
  /** the type's word in the help: "string", "list"; empty for a switch */
  readonly word: string;
  readonly help: string;
  /** the default as the help shows it, without "(default )" */
  readonly shown: string;
  readonly fallback: T;
  /** the text that a flag without a value stands for; absent where a value is needed */
  readonly bare?: string;
  readonly hidden: boolean;
  // a method, so that a table of flags of many types has one type
  read(text: string, previous: T): T;
};

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type Values<F> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

type Extra<T> = { fallback?: T; shown?: string; hidden?: boolean; word?: string };

/** @param names "name" or "name,n" with its one-letter form */
function flag<T>(
  names: string,
  help: string,
  word: string,
  fallback: T,
  extra: Extra<T>,
  read: Flag<T>["read"],
): Flag<T> {
  const [name = "", short = ""] = names.split(",");
  const start = extra.fallback ?? fallback;
  const shown = extra.shown ?? "";
  return { name, short, word: extra.word ?? word, help, shown, fallback: start, hidden: extra.hidden ?? false, read };
}

export const bool = (names: string, help: string, extra: Extra<boolean> = {}): Flag<boolean> => ({
  ...flag(names, help, "", false, { shown: extra.fallback ? "true" : "", ...extra }, boolFromText),
  bare: "true",
});

export const text = (names: string, help: string, extra: Extra<string> = {}): Flag<string> =>
  flag(
    names,
    help,
    "string",
    "",
    { shown: extra.fallback ? JSON.stringify(extra.fallback) : "", ...extra },
    (value) => value,
  );

export const int = (names: string, help: string, extra: Extra<number> = {}): Flag<number> =>
  flag(names, help, "int", 0, extra, (value) => intFromText(value));

export const uint = (names: string, help: string, bits: 16 | 64, extra: Extra<number> = {}): Flag<number> =>
  flag(names, help, bits === 16 ? "uint16" : "uint", 0, extra, (value) => uintFromText(value, bits));

/** Number of CPUs, kept in units of 10^-9 as the API has it. */
export const cpus = (names: string, help: string): Flag<number> =>
  flag(names, help, "decimal", 0, {}, (value) => cpusFromText(value));

/** Bytes with a unit ("512m"); `minus1` also takes -1 for "unlimited". */
export const bytes = (names: string, help: string, extra: Extra<number> & { minus1?: boolean } = {}): Flag<number> =>
  flag(names, help, "bytes", 0, extra, (value) => (extra.minus1 && value === "-1" ? -1 : bytesFromText(value)));

/** Go's duration words ("1m30s"), in nanoseconds. */
export const span = (names: string, help: string, extra: Extra<number> = {}): Flag<number> =>
  flag(names, help, "duration", 0, { shown: "0s", ...extra }, (value) => duration(value));

/** May be given again and again; each text passes `check`, which throws or gives the text to keep. */
export const list = (
  names: string,
  help: string,
  check: (value: string) => string = (value) => value,
  extra: Extra<string[]> = {},
): Flag<string[]> => flag<string[]>(names, help, "list", [], extra, (value, previous) => [...previous, check(value)]);

/** Like list, and a comma separates too. */
export const strings = (names: string, help: string): Flag<string[]> =>
  flag<string[]>(names, help, "strings", [], {}, (value, previous) => [...previous, ...value.split(",")]);

/** key=value, the last one of a key counts. */
export const map = (
  names: string,
  help: string,
  check: (value: string) => string = (value) => value,
): Flag<Record<string, string>> =>
  flag<Record<string, string>>(names, help, "map", {}, { shown: "map[]" }, (value, previous) => ({
    ...previous,
    ...pairOf(check(value)),
  }));

/** Anything else: `read` makes a value of the text and of what was read before. */
export const custom = <T>(
  names: string,
  help: string,
  word: string,
  fallback: T,
  read: Flag<T>["read"],
  extra: Extra<T> = {},
): Flag<T> => flag(names, help, word, fallback, extra, read);

/** -f name=value of the lists: name -> values. */
export const filter = (
  names: string,
  help = "Filter output based on conditions provided",
): Flag<Record<string, string[]>> =>
  flag<Record<string, string[]>>(names, help, "filter", {}, {}, (value, previous) => {
    const at = value.indexOf("=");
    if (value === "") return previous;
    if (at < 0) throw new Error("bad format of filter (expected name=value)");
    const name = value.slice(0, at).trim().toLowerCase();
    return { ...previous, [name]: [...(previous[name] ?? []), value.slice(at + 1).trim()] };
  });

function pairOf(value: string): Record<string, string> {
  const at = value.indexOf("=");
  return at < 0 ? { [value]: "" } : { [value.slice(0, at)]: value.slice(at + 1) };
}
