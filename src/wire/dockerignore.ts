/** .dockerignore, as docker's CLI and engine read it. */
import { posix } from "node:path";
import { compileGlob, type Glob } from "./glob.ts";

export type IgnoreRules = {
  /** @param path of the context, without a slash before it; a directory's own name ignores all in it */
  ignores(path: string): boolean;
  /** Is there a "!" rule? Then something in an ignored directory may be meant all the same. */
  hasExceptions: boolean;
};

type Rule = { glob: Glob; exception: boolean };

/** @throws InvalidInput on a pattern that is none */
export function readDockerignore(text: string): IgnoreRules {
  const rules = ignoreLines(text)
    .filter(({ pattern }) => pattern !== "")
    .map(({ pattern, exception }): Rule => ({ glob: compileGlob(pattern, { directories: true }), exception }));
  return {
    hasExceptions: rules.some(({ exception }) => exception),
    ignores(path) {
      const parents = path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
      let ignored = false;
      // The last rule that says something of it decides.
      for (const { glob, exception } of rules) {
        if (exception === ignored && parents.some(glob)) ignored = !exception;
      }
      return ignored;
    },
  };
}

/**
 * The lines that say something, in their order.
 * @returns pattern: clean and relative; "" for an exception ("!") without one
 */
export function ignoreLines(text: string): { pattern: string; exception: boolean }[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#") && line.trim() !== "")
    .map((line) => {
      const trimmed = line.trim();
      const exception = trimmed.startsWith("!");
      return { pattern: cleanPattern(exception ? trimmed.slice(1).trim() : trimmed), exception };
    });
}

function cleanPattern(pattern: string): string {
  if (pattern === "") return "";
  const clean = posix.normalize(pattern).replace(/(?<=.)\/$/, "");
  return clean.length > 1 ? clean.replace(/^\//, "") : clean;
}
