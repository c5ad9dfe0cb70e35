/**
 * docker build, the classic way: each instruction makes an image over the one before, which is the cache of the next build.
 *
 *     context -> Dockerfile -> stages -> FROM, then per instruction: in the cache? else a layer and a configuration
 */
import { once } from "../../lib/once.ts";
import { familiarString, type Reference } from "../../wire/reference.ts";
import { invalid } from "../errors.ts";
import { repoAndTag } from "../images/tag.ts";
import { createAnnounce } from "./announce.ts";
import type { Build, BuildDeps, BuildRequest, BuildSource, Output } from "./build.ts";
import { type BuildArgs, createBuildArgs, withBothCases } from "./build-args.ts";
import type { Instruction, InstructionOf } from "./dockerfile/instruction.ts";
import type { Escape } from "./dockerfile/lines.ts";
import { type Dockerfile, parseDockerfile, type Stage } from "./dockerfile/stages.ts";
import { withoutReplaced } from "./named-contexts.ts";
import { neededStages } from "./needed-stages.ts";
import { isForBuilder, platformArgs } from "./predefined-args.ts";
import { removeContainers } from "./run.ts";
import { buildStage } from "./stage.ts";
import { addStep, noCommand } from "./step-image.ts";
import { substitute } from "./substitute.ts";

export type { BuildDeps, BuildEvent, BuildRequest, BuildSource, NamedContext, Output } from "./build.ts";

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
  const written = parseDockerfile(await source.dockerfile(), request.dialect);
  const parsed = { ...written, stages: withoutReplaced(written.stages, request.contexts) };
  const newArgs = () => newBuildArgs(deps, request);
  const stages = wantedStages(parsed, request, newArgs());
  const build: Build = {
    ...{ deps, request, output, signal, context: once(() => source.context()), escapeToken: parsed.escapeToken },
    args: newArgs(),
    leftOut: request.dialect === "classic" ? [] : leftOut(parsed.stages, stages),
    ...{ done: [], containers: [] },
  };
  if (parsed.warnings.length > 0) output({ kind: "warning", text: parsed.warnings.join("\n") });
  try {
    const image = await buildStages(build, parsed, stages);
    const unused = build.args.unused().filter((name) => request.dialect === "classic" || !isForBuilder(name));
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

async function buildStages(build: Build, parsed: Dockerfile, stages: Stage[]) {
  const announce = createAnnounce(build, parsed, stages);
  for (const instruction of parsed.before) {
    announce(instruction);
    declareBefore(build.args, instruction, build.escapeToken);
  }
  let last: Awaited<ReturnType<typeof buildStage>> | undefined;
  for (const stage of stages) last = await buildStage(build, stage, announce);
  // BuildKit makes an image of nothing, too.
  if (last && !last.image && build.request.dialect === "buildkit") {
    await addStep(build, last, { createdBy: noCommand(last.config, "#(nop) FROM scratch"), config: last.config });
  }
  return last?.image;
}

function declareBefore(args: BuildArgs, { args: declared }: InstructionOf<"ARG">, escapeToken: Escape): void {
  for (const { name, value } of declared)
    args.declareBefore(name, value === undefined ? undefined : substitute(value, args.before(), escapeToken));
}

function newBuildArgs({ images }: BuildDeps, { buildArgs, dialect, platform }: BuildRequest): BuildArgs {
  return dialect === "classic"
    ? createBuildArgs(buildArgs)
    : createBuildArgs(withBothCases(buildArgs), platformArgs(platform, images.host), dialect);
}

/**
 * The target, with the labels that were given as options at its end, and what is built before it: all that stand before it,
 * or, in BuildKit's dialect, those that it needs.
 * @param args for this alone: what FROM will see is found out with them
 */
function wantedStages(parsed: Dockerfile, request: BuildRequest, args: BuildArgs): Stage[] {
  const { before, stages, escapeToken } = parsed;
  const stage = targetStage(stages, request);
  const given = Object.entries(request.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const labels = given.map(
    ([name, value]): Instruction => ({
      ...{ type: "LABEL", literal: true, pairs: [{ name, value }] },
      source: `LABEL ${name}=${value}`,
    }),
  );
  const target = { ...stage, instructions: [...stage.instructions, ...labels] };
  if (request.dialect === "classic") return [...stages.slice(0, target.index), target];
  for (const instruction of before) declareBefore(args, instruction, escapeToken);
  return neededStages(stages, target, (text) => substitute(text, args.before(), escapeToken));
}

function leftOut(all: Stage[], wanted: Stage[]): string[] {
  const built = new Set(wanted.map(({ index }) => index));
  return all.flatMap(({ index, from: { stage } }) => (built.has(index) || stage === "" ? [] : stage));
}

function targetStage(stages: Stage[], { target, dialect }: BuildRequest): Stage {
  const named = stages.findLast(({ from }) => from.stage !== "" && from.stage === target.toLowerCase());
  const stage = target === "" ? stages.at(-1) : (named ?? (/^\d+$/.test(target) ? stages[Number(target)] : undefined));
  if (stage) return stage;
  if (target === "") throw invalid("No image was generated. Is your Dockerfile empty?");
  throw invalid(
    dialect === "classic"
      ? `failed to reach build target ${target} in Dockerfile`
      : `target stage "${target}" could not be found`,
  );
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
