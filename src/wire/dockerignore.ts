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
  const rules = text
    .replace(/^\ufeff/, "")
    .split("\n")
    .flatMap(ruleOf);
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

function ruleOf(line: string): Rule[] {
  if (line.startsWith("#")) return [];
  let pattern = line.trim();
  const exception = pattern.startsWith("!");
  if (exception) pattern = pattern.slice(1).trim();
  if (pattern === "") return [];
  pattern = posix.normalize(pattern).replace(/(?<=.)\/$/, "");
  if (pattern.length > 1) pattern = pattern.replace(/^\//, "");
  return [{ glob: compileGlob(pattern, { directories: true }), exception }];
}
