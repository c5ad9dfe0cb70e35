/** ARG: which build arguments count, stage by stage. */
import type { Environment } from "./substitute.ts";

/** Count without an ARG, and are left out of the history then. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];
const BUILT_IN = new Set(PROXIES.flatMap((name) => [name, name.toLowerCase()]));

export type BuildArgs = {
  /** ARG before the first FROM. */
  declareBefore(name: string, value: string | undefined): void;
  /** ARG in a stage. */
  declare(name: string, value: string | undefined): void;
  /** A new stage declares its own. */
  nextStage(): void;
  /** What FROM sees. */
  before(): Environment;
  /** What a stage's instructions see beside their environment, sorted. @param shown without built-in ones that no ARG names */
  effective(environment: Environment, options?: { shown: boolean }): string[];
  /** Given, but asked for by no ARG. */
  unused(): string[];
};

/**
 * @param given name -> value by --build-arg; null: named, without a value
 * @param predefined what FROM sees without an ARG, and a stage by an ARG without a value
 */
export function createBuildArgs(
  given: ReadonlyMap<string, string | null>,
  predefined: ReadonlyMap<string, string> = new Map(),
): BuildArgs {
  const declaredBefore = new Map<string, string | undefined>(predefined);
  let declared = new Map<string, string | undefined>();
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
    },
    nextStage() {
      declared = new Map();
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
        .filter((name) => !set.has(name))
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
