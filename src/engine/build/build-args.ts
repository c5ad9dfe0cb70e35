/** ARG: which build arguments count, stage by stage. */
import type { Dialect } from "./dockerfile/instruction.ts";
import type { Environment } from "./substitute.ts";

/** Count without an ARG, and are left out of the history then. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
const BUILT_IN = new Set(PROXIES.flatMap((name) => [name, name.toLowerCase()]));

/** What a stage has declared: those of a stage that starts from it, in BuildKit's dialect. */
export type Declared = {
  values: ReadonlyMap<string, string | undefined>;
  /** that stand before a variable of that name, until ENV sets it again */
  newer: ReadonlySet<string>;
};

export type BuildArgs = {
  /** ARG before the first FROM. */
  declareBefore(name: string, value: string | undefined): void;
  /** ARG in a stage. */
  declare(name: string, value: string | undefined): void;
  /** ENV in a stage. */
  environmentSet(names: string[]): void;
  /** What the stage has declared up to here. */
  declared(): Declared;
  /** A new stage declares its own. */
  nextStage(inherited?: Declared): void;
  /** What FROM sees. */
  before(): Environment;
  /** What a stage's instructions see beside their environment, sorted. @param shown without built-in ones that no ARG names */
  effective(environment: Environment, options?: { shown: boolean }): string[];
  /** Given, but asked for by no ARG. */
  unused(): string[];
};

/** BuildKit gives a proxy's address by both of its names. */
export function withBothCases(given: ReadonlyMap<string, string | null>): Map<string, string | null> {
  const all = new Map(given);
  for (const [name, value] of given) {
    if (!BUILT_IN.has(name)) continue;
    for (const other of [name.toUpperCase(), name.toLowerCase()]) if (!given.has(other)) all.set(other, value);
  }
  return all;
}

/**
 * @param given name -> value by --build-arg; null: named, without a value
 * @param predefined what FROM sees without an ARG, and a stage by an ARG without a value
 */
export function createBuildArgs(
  given: ReadonlyMap<string, string | null>,
  predefined: ReadonlyMap<string, string> = new Map(),
  dialect: Dialect = "classic",
): BuildArgs {
  const declaredBefore = new Map<string, string | undefined>(predefined);
  let declared = new Map<string, string | undefined>();
  let newer = new Set<string>();
  const asked = new Set<string>();

  const lookUp = (name: string, defaults: ReadonlyMap<string, string | undefined>): string | undefined => {
    if (given.has(name)) return given.get(name) ?? undefined;
    return defaults.get(name);
  };
  const inStage = (name: string) => lookUp(name, declared) ?? (given.has(name) ? undefined : declaredBefore.get(name));

  return {
    declareBefore(name, value) {
      declaredBefore.set(name, value ?? predefined.get(name));
      asked.add(name);
    },
    declare(name, value) {
      declared.set(name, value);
      asked.add(name);
      // The classic builder's ENV always stands before ARG, BuildKit's only before an earlier one.
      if (dialect === "buildkit" && inStage(name) !== undefined) newer.add(name);
    },
    environmentSet(names) {
      for (const name of names) newer.delete(name);
    },
    declared: () => ({ values: new Map(declared), newer: new Set(newer) }),
    nextStage(inherited) {
      declared = new Map(inherited?.values);
      newer = new Set(inherited?.newer);
    },
    before: () =>
      [...declaredBefore.keys()].flatMap((name) => {
        const value = lookUp(name, declaredBefore);
        return value === undefined ? [] : [`${name}=${value}`];
      }),
    effective(environment, { shown } = { shown: false }) {
      const set = new Set(environment.map((entry) => entry.split("=", 1)[0]));
      const builtIn = [...given.keys()].filter((name) => BUILT_IN.has(name) && !(shown && !asked.has(name)));
      return [...new Set([...declared.keys(), ...builtIn])]
        .filter((name) => !set.has(name) || newer.has(name))
        .sort()
        .flatMap((name) => {
          const value = inStage(name);
          return value === undefined ? [] : [`${name}=${value}`];
        });
    },
    unused: () =>
      [...given.keys()].filter((name) => !asked.has(name) && !BUILT_IN.has(name) && !predefined.has(name)).sort(),
  };
}
