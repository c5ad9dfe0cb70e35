/** ps's command line: Unix options ("-ef"), BSD options ("aux") and user formats ("-o pid,comm"), as far as they choose columns. */

import { EngineError, invalid } from "../../engine/errors.ts";
import { type PsColumn, psColumn } from "./ps-columns.ts";

export type PsFormat = { columns: PsColumn[]; threads: boolean };

/** What the letters said so far. */
type Choice = {
  unix: Set<string>;
  bsd: Set<string>;
  /** of -o; replaces all others */
  user: PsColumn[];
};

/** Options that choose processes: the container's are chosen already. */
const selections = { unix: "Aade", bsd: "agx" };
/** w: wide output; output is as wide as it gets here. */
const layouts = { unix: "Fcfjlyw", bsd: "jluw" };
const threadOptions = { unix: "LT", bsd: "H" };

/**
 * @param args words separated by white space; none: -ef, as docker has it.
 * @throws EngineError invalid with ps's own text on an option or column that is not known here.
 */
export function parsePsArgs(args: string): PsFormat {
  checkTitles(args);
  const words = args.split(/[ \t\n\v\f\r]+/).filter((word) => word !== "");
  const choice: Choice = { unix: new Set(), bsd: new Set(), user: [] };
  const queue = words.length > 0 ? words : ["-ef"];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) readWord(choice, word, queue);
  return {
    columns: columnsOf(choice),
    threads: ["L", "T"].some((letter) => choice.unix.has(letter)) || choice.bsd.has("H"),
  };
}

/** docker finds processes by the title PID: no other column may have it. */
function checkTitles(args: string): void {
  for (const [, key = "", title = ""] of args.matchAll(/\s+(\S*)=\s*(PID\S*)/g)) {
    if (key !== "pid") throw invalid(`specifying "${key}=${title}" is not allowed`);
  }
}

function readWord(choice: Choice, word: string, queue: string[]): void {
  if (word.startsWith("--")) {
    readLong(choice, word, queue);
    return;
  }
  // POSIX reads -aux as "-a -u x"; ps takes it for aux when there is no user x, which is what people mean.
  const isUnix = word.startsWith("-") && word !== "-aux";
  const letters = word.replace(/^-/, "");
  if (letters === "") throw refused("garbage option");
  const style = isUnix ? "unix" : "bsd";
  const known = selections[style] + layouts[style] + threadOptions[style];
  for (const [index, letter] of [...letters].entries()) {
    if (letter === "o") {
      readUserFormat(choice, letters.slice(index + 1) || queue.shift());
      return;
    }
    if (!known.includes(letter)) {
      throw refused(isUnix ? "unsupported SysV option" : "unsupported option (BSD syntax)");
    }
    choice[style].add(letter);
  }
}

function readLong(choice: Choice, word: string, queue: string[]): void {
  const [option = "", value] = word.split(/=(.*)/s);
  const argument = value ?? queue.shift();
  if (option === "--format") readUserFormat(choice, argument);
  // Widths limit what a terminal shows.
  else if (!["--cols", "--columns", "--width"].includes(option)) throw refused("unknown gnu long option");
}

/** "pid,comm" or "pid,comm=NAME": a title ends the list. */
function readUserFormat(choice: Choice, text: string | undefined): void {
  if (!text) throw refused("format specification must follow -o");
  const [list = "", title] = text.split(/=(.*)/s);
  const columns = list.split(",").map((key) => {
    const column = psColumn(key.toLowerCase() === key ? key : "");
    if (!column) throw refused(`unknown user-defined format specifier "${key}"`);
    return column;
  });
  const last = columns.pop();
  if (last) choice.user.push(...columns, title === undefined ? last : { ...last, title });
}

function columnsOf({ unix, bsd, user }: Choice): PsColumn[] {
  if (unix.has("L") && unix.has("T")) throw refused("thread flags conflict; can't use both -L and -T");
  const keys = (bsd.size > 0 && unix.size === 0 ? bsdKeys(bsd) : unixKeys(unix)).split(" ");
  const chosen = user.length > 0 ? user : keys.flatMap((key) => psColumn(key) ?? []);
  if (!chosen.some(({ title }) => title === "PID")) {
    throw new EngineError("internal", "Couldn't find PID field in ps output");
  }
  return chosen;
}

function bsdKeys(letters: Set<string>): string {
  if (letters.has("u")) return "user pid pcpu pmem vsz rss tname stat start_time bsdtime args";
  if (letters.has("l")) return "f uid pid ppid priority ni vsz rss wchan stat tname bsdtime args";
  if (letters.has("j")) return "ppid pid pgid sid tname tpgid stat uid bsdtime args";
  return "pid tname stat bsdtime args";
}

function unixKeys(letters: Set<string>): string {
  const has = (letter: string) => letters.has(letter);
  const when = (condition: boolean, keys: string) => (condition ? keys.split(" ") : []);
  const long = has("l");
  const full = has("f") || has("F");
  if (!long && !full) {
    const groups = when(has("j"), "pgid sid");
    const threads = [...when(has("L"), "lwp"), ...when(has("T"), "spid")];
    return ["pid", ...groups, ...threads, ...when(has("c"), "cls pri"), "tname", "time", "ucmd"].join(" ");
  }
  return [
    ...when(long && !has("y"), "f"),
    ...when(long, "s"),
    long && !full ? "uid" : "uid_hack",
    "pid ppid",
    ...when(has("j"), "pgid sid"),
    ...when(has("L"), "lwp"),
    ...when(has("T"), "spid"),
    has("c") ? "cls pri" : long ? "c opri ni" : "c",
    ...when(has("L") && full, "nlwp"),
    ...when(long, has("y") ? "rss sz wchan" : "addr sz wchan"),
    ...when(has("F"), long ? "rss psr" : "sz rss psr"),
    ...when(full, "stime"),
    "tname time",
    full ? "cmd" : "ucmd",
  ].join(" ");
}

/** ps's own complaint, as docker passes it on. */
function refused(complaint: string): EngineError {
  return invalid(`ps: error: ${complaint}`);
}
