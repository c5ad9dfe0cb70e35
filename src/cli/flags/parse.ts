import { textOf } from "../errors.ts";
import type { Flag, Flags, Values } from "./flag.ts";

export type Parsed<F> = {
  values: Values<F>;
  /** names of the flags that were given */
  given: ReadonlySet<string>;
  args: string[];
  help: boolean;
};

/** What is wrong with the command line itself: shown with the usage line, exit status 125. */
export class FlagError extends Error {}

/**
 * docker's grammar (that of pflag): --name value, --name=value, -n value, -nvalue, -abc, --switch=false; `--` ends the
 * options.  A library was not used: none knows --switch=false and says the errors in these words.
 * @param mixed whether options may stand behind the first argument too; else all from there on is passed through
 * @throws FlagError
 */
export function parseFlags<F extends Flags>(flags: F, words: readonly string[], mixed: boolean): Parsed<F> {
  const keys = Object.keys(flags) as (keyof F & string)[];
  const values: Record<string, unknown> = {};
  for (const key of keys) values[key] = flags[key]?.fallback;
  const given = new Set<string>();
  const args: string[] = [];
  let help = false;
  const rest = [...words];

  const keep = (key: string, flag: Flag<unknown>, value: string) => {
    try {
      values[key] = flag.read(value, given.has(flag.name) ? values[key] : flag.fallback);
    } catch (error) {
      const shown = flag.short ? `-${flag.short}, --${flag.name}` : `--${flag.name}`;
      throw new FlagError(`invalid argument ${JSON.stringify(value)} for "${shown}" flag: ${textOf(error)}`);
    }
    given.add(flag.name);
    if (flag.name === "help" && values[key] === true) help = true;
  };
  const find = (match: (flag: Flag<unknown>) => boolean) => {
    const key = keys.find((k) => match(flags[k] as Flag<unknown>));
    return key === undefined ? undefined : { key, flag: flags[key] as Flag<unknown> };
  };

  const long = (word: string) => {
    const at = word.indexOf("=");
    const name = at < 0 ? word.slice(2) : word.slice(2, at);
    if (name === "" || name.startsWith("-")) throw new FlagError(`bad flag syntax: ${word}`);
    const found = find((flag) => flag.name === name);
    if (!found) {
      if (name !== "help") throw new FlagError(`unknown flag: --${name}`);
      help = at < 0 || !["false", "0", "f"].includes(word.slice(at + 1).toLowerCase());
      return;
    }
    const value = at >= 0 ? word.slice(at + 1) : (found.flag.bare ?? rest.shift());
    if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`);
    keep(found.key, found.flag, value);
  };

  const short = (word: string) => {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] ?? "";
      const found = find((flag) => flag.short === letter);
      if (!found) {
        if (letter !== "h") throw new FlagError(`unknown shorthand flag: '${letter}' in -${word.slice(at)}`);
        help = true;
        continue;
      }
      if (word[at + 1] === "=") return keep(found.key, found.flag, word.slice(at + 2));
      if (found.flag.bare !== undefined) {
        keep(found.key, found.flag, found.flag.bare);
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : rest.shift();
      if (value === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${word.slice(at)}`);
      return keep(found.key, found.flag, value);
    }
  };

  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      args.push(...rest.splice(0));
    } else if (word.startsWith("--")) {
      long(word);
    } else if (word.startsWith("-") && word !== "-") {
      short(word);
    } else {
      args.push(word);
      if (!mixed) args.push(...rest.splice(0));
    }
  }
  return { values: values as Values<F>, given, args, help };
}
