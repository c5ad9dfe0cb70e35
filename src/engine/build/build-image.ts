/**
 * docker build, the classic way: each instruction makes an image over the one before, which is the cache of the next build.
 *
 *     context -> Dockerfile -> stages -> FROM, then per instruction: in the cache? else a layer and a configuration
 */
import { familiarString, type Reference } from "../../wire/reference.ts";
import { invalid } from "../errors.ts";
import { repoAndTag } from "../images/tag.ts";
import type { Build, BuildDeps, BuildRequest, BuildSource, Output } from "./build.ts";
import { createBuildArgs } from "./build-args.ts";
import type { Instruction } from "./dockerfile/instruction.ts";
import { type Dockerfile, parseDockerfile, type Stage } from "./dockerfile/stages.ts";
import { removeContainers } from "./run.ts";
import { buildStage } from "./stage.ts";
import { substitute } from "./substitute.ts";

export type { BuildDeps, BuildEvent, BuildRequest, BuildSource, Output } from "./build.ts";

/**
 * @param signal fires when nobody waits for the build any more: what runs for it is killed and removed
 * @returns the image's id
 * @throws EngineError, InvalidInput, CommandFailed with docker's texts; the images of steps that were through stay as a cache
 */
export async function buildImage(
  deps: BuildDeps,
  request: BuildRequest,
  output: Output,
  signal: AbortSignal,
): Promise<string> {
  const tags = tagsOf(request.tags);
  await using source = asDisposable(request.source);
  const parsed = parseDockerfile(await source.dockerfile());
  const stages = wantedStages(parsed, request);
  const build: Build = {
    ...{ deps, request, output, signal, context: () => source.context(), escapeToken: parsed.escapeToken },
    args: createBuildArgs(request.buildArgs),
    ...{ done: [], containers: [] },
  };
  if (parsed.warnings.length > 0) output({ kind: "warning", text: parsed.warnings.join("\n") });
  try {
    const image = await buildStages(build, parsed, stages);
    const unused = build.args.unused();
    if (unused.length > 0) output({ kind: "unused-args", names: unused });
    if (!image) throw invalid("No image was generated. Is your Dockerfile empty?");
    output({ kind: "built", image: image.id });
    for (const tag of tags) {
      const name = familiarString(tag);
      deps.images.tag(image.id, { repo: name, tag: "" });
      output({ kind: "tagged", name });
    }
    return image.id;
  } catch (error) {
    if (signal.aborted) await removeContainers(build, { told: false });
    throw error;
  }
}

async function buildStages(build: Build, { before }: Dockerfile, stages: Stage[]) {
  const total = before.length + stages.length + stages.reduce((sum, { instructions }) => sum + instructions.length, 0);
  let step = 0;
  const announce = (source: string) => {
    build.output({ kind: "step", number: ++step, total, source });
  };
  for (const { source, args } of before) {
    announce(source);
    for (const { name, value } of args) {
      const given = build.args.before();
      build.args.declareBefore(name, value === undefined ? undefined : substitute(value, given, build.escapeToken));
    }
  }
  let last: Awaited<ReturnType<typeof buildStage>> | undefined;
  for (const stage of stages) last = await buildStage(build, stage, announce);
  return last?.image;
}

/** Up to the target, with the labels that were given as options at the end. */
function wantedStages({ stages }: Dockerfile, { target, labels }: BuildRequest): Stage[] {
  let wanted = stages;
  if (target !== "") {
    const named = stages.findLastIndex(({ from }) => from.stage === target.toLowerCase());
    const index = named < 0 && /^\d+$/.test(target) ? Number(target) : named;
    if (index < 0 || index >= stages.length) throw invalid(`failed to reach build target ${target} in Dockerfile`);
    wanted = stages.slice(0, index + 1);
  }
  const given = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = wanted.at(-1);
  if (!last) throw invalid("No image was generated. Is your Dockerfile empty?");
  const more = given.map(
    ([name, value]): Instruction => ({
      ...{ type: "LABEL", literal: true, pairs: [{ name, value }] },
      source: `LABEL ${name}=${value}`,
    }),
  );
  return [...wanted.slice(0, -1), { ...last, instructions: [...last.instructions, ...more] }];
}

/** Each once, in their order. @throws EngineError invalid, InvalidInput */
function tagsOf(names: string[]): Reference[] {
  const tags = new Map<string, Reference>();
  for (const name of names.filter((it) => it !== "")) {
    if (name.includes("@")) throw invalid("build tag cannot contain a digest");
    const tag = repoAndTag(name, "");
    tags.set(familiarString(tag), tag);
  }
  return [...tags.values()];
}

function asDisposable(source: BuildSource) {
  return { ...source, [Symbol.asyncDispose]: () => source.close() };
}
