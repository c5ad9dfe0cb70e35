/** A stage of a build: its base image, what that image wants done first, then its own instructions. */
import type { ImageConfig } from "../../wire/image.ts";
import { EngineError, invalid } from "../errors.ts";
import type { Announce } from "./announce.ts";
import { baseImage, stageNamed } from "./base-image.ts";
import type { Build, StageState } from "./build.ts";
import { buildCancelled } from "./cancel.ts";
import { dispatch } from "./dispatch.ts";
import type { Instruction, InstructionOf } from "./dockerfile/instruction.ts";
import { parseTrigger, type Stage } from "./dockerfile/stages.ts";
import { withStageNames } from "./needed-stages.ts";
import { substitute } from "./substitute.ts";

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export async function buildStage(build: Build, stage: Stage, announce: Announce): Promise<StageState> {
  const { index, from, instructions } = stage;
  const taken = from.stage !== "" && build.done.some(({ name }) => name === from.stage);
  if (taken && build.request.dialect === "classic") {
    throw invalid(`${from.stage} stage name already used`);
  }
  announce(from, stage);
  const state = await beginStage(build, from);
  const triggers = takeTriggers(build, state);
  const whole = { ...stage, instructions: [...triggers, ...instructions] };
  for (const trigger of triggers) {
    if (build.request.dialect === "buildkit") announce(trigger, whole);
    await dispatch(build, state, trigger);
  }
  stepDone(build, state);
  for (const instruction of instructions) {
    if (build.signal.aborted) throw buildCancelled();
    announce(instruction, whole);
    await dispatch(build, state, instruction);
    stepDone(build, state);
  }
  build.output({ kind: "stage-done", image: state.image?.id ?? "" });
  build.done.push({ index, name: from.stage, image: state.image, args: build.args.declared() });
  return state;
}

function stepDone({ output }: Build, { image }: StageState): void {
  output({ kind: "step-done", image: image?.id ?? "" });
}

async function beginStage(build: Build, from: InstructionOf<"FROM">): Promise<StageState> {
  const isKit = build.request.dialect === "buildkit";
  const word = (text: string) => substitute(text, build.args.before(), build.escapeToken);
  const name = word(from.image);
  if (name === "") throw invalid(`base name (${from.image}) should not be blank`);
  const stage = stageNamed(build, name);
  build.args.nextStage(isKit ? stage?.args : undefined);
  const image = stage ? stage.image : await baseImage(build, name, word(from.platform) || build.request.platform);
  return {
    ...{ name: from.stage, image, commandSet: false, cacheMissed: false },
    maintainer: (isKit && image?.config.author) || "",
    config: withPath(image?.config.config ?? (isKit ? { WorkingDir: "/" } : {})),
  };
}

function withPath(config: ImageConfig): ImageConfig {
  const env = config.Env ?? [];
  return env.some((entry) => entry.startsWith("PATH=")) ? config : { ...config, Env: [...env, DEFAULT_PATH] };
}

/** ONBUILD of the base image. */
function takeTriggers(build: Build, state: StageState): Instruction[] {
  const triggers = state.config.OnBuild ?? [];
  const { OnBuild: _done, ...config } = state.config;
  state.config = config;
  if (triggers.length > 0) build.output({ kind: "triggers", count: triggers.length });
  return triggers.map((trigger) => triggerOf(trigger, build));
}

function triggerOf(text: string, { args, escapeToken, request: { dialect } }: Build): Instruction {
  const instruction = parseTrigger(text, escapeToken, dialect);
  if (instruction.type === "FROM" || instruction.type === "ONBUILD") {
    throw new EngineError("invalid", `${instruction.type} isn't allowed as an ONBUILD trigger`);
  }
  if (dialect === "classic") return instruction;
  return withStageNames(instruction, (name) => substitute(name, args.before(), escapeToken));
}
