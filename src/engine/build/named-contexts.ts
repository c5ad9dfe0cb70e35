/** --build-context NAME=…: what stands for a name in FROM and --from, before stages and images. */
import { canonicalString, parseReference, withDefaultTag } from "../../wire/reference.ts";
import { invalid } from "../errors.ts";
import type { Build, NamedContext } from "./build.ts";
import type { Stage } from "./dockerfile/stages.ts";

/** Under the name as it is written, or as an image's full name. */
export function contextNamed(
  { request: { contexts } }: Pick<Build, "request">,
  name: string,
): NamedContext | undefined {
  return contexts.get(name.toLowerCase()) ?? contexts.get(fullName(name));
}

function fullName(name: string): string {
  try {
    return canonicalString(withDefaultTag(parseReference(name)));
  } catch {
    return name;
  }
}

/** The image that a name means. @throws EngineError invalid where it is a directory */
export function imageName(build: Pick<Build, "request">, name: string): string {
  const context = contextNamed(build, name);
  if (context && !("image" in context))
    throw invalid(`${name} is a directory of --build-context: a stage cannot begin with it`);
  return context?.image ?? name;
}

/** A stage of which one has the name is called by it no more. */
export function withoutReplaced(stages: Stage[], contexts: ReadonlyMap<string, NamedContext>): Stage[] {
  return stages.map((stage) =>
    contexts.has(stage.from.stage) ? { ...stage, from: { ...stage.from, stage: "" } } : stage,
  );
}
