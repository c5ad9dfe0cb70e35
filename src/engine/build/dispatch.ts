/** One instruction of a stage, carried out. */
import { type Build, environmentOf, type StageState } from "./build.ts";
import { copyFiles, makeDirectory } from "./copy.ts";
import { type Instruction, type InstructionOf, needsBuildKit } from "./dockerfile/instruction.ts";
import { expand } from "./expand.ts";
import { madeLayer, withLayer } from "./layer.ts";
import { applyMetadata, type Changed } from "./metadata.ts";
import { removeContainers, runCommand } from "./run.ts";
import { addStep, noCommand, useCached } from "./step-image.ts";

/** @throws EngineError, CommandFailed; containers of a step that failed stay, as docker's do, unless all are to go */
export async function dispatch(build: Build, state: StageState, instruction: Instruction): Promise<void> {
  const { remove, forceRemove } = build.request;
  let failed = true;
  try {
    await carryOut(build, state, expand(instruction, environmentOf(build, state), build.escapeToken));
    failed = false;
  } finally {
    if (forceRemove || (remove && !failed)) await removeContainers(build, { told: true });
    // Those that stay are nobody's concern any more.
    else if (!build.signal.aborted) build.containers.splice(0);
  }
}

async function carryOut(build: Build, state: StageState, instruction: Instruction): Promise<void> {
  if (instruction.buildKit !== undefined && build.request.dialect === "classic")
    throw needsBuildKit(`the --${instruction.buildKit} option requires`);
  switch (instruction.type) {
    case "RUN":
      return runCommand(build, state, instruction);
    case "ADD":
    case "COPY":
      return copyFiles(build, state, instruction);
    case "ARG":
      return declareArg(build, state, instruction);
    case "WORKDIR":
      return changeDirectory(build, state, applyMetadata(state.config, instruction));
    case "FROM":
      throw new TypeError("FROM begins a stage, it is no step of one");
    default: {
      const changed = applyMetadata(state.config, instruction, { commandSet: state.commandSet });
      if (instruction.type === "ENV") build.args.environmentSet(instruction.pairs.map(({ name }) => name));
      if (instruction.type === "MAINTAINER") state.maintainer = instruction.text;
      if (instruction.type === "CMD" && changed.config.Cmd?.length) state.commandSet = true;
      return record(build, state, changed);
    }
  }
}

/** A step that only changes the configuration needs no container, where docker makes one that never runs. */
async function record(build: Build, state: StageState, { config, comment }: Changed): Promise<void> {
  const step = { createdBy: noCommand(config, "#(nop) ", comment), config };
  if (!useCached(build, state, step)) await addStep(build, state, step);
}

async function declareArg(build: Build, state: StageState, { args }: InstructionOf<"ARG">): Promise<void> {
  for (const { name, value } of args) build.args.declare(name, value);
  const words = args.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
  await record(build, state, { config: state.config, comment: `ARG ${words.join(" ")}` });
}

/** The directory is made if it is not there. */
async function changeDirectory(build: Build, state: StageState, { config, comment }: Changed): Promise<void> {
  const step = { createdBy: noCommand(config, `#(nop) ${comment}`), config };
  if (useCached(build, state, step)) return;
  await withLayer(build.deps, state.image, async (layer) => {
    // BuildKit's is the user's who is to work in it.
    const owner = build.request.dialect === "buildkit" ? (config.User ?? "") : "";
    await makeDirectory(build, layer, { path: config.WorkingDir ?? "/", owner });
    await addStep(build, state, step, await madeLayer(build.deps, layer));
  });
}
