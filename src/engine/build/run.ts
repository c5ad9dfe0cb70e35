/** RUN: a container of the stage's image carries the command out; what it changed becomes the next layer. */
import { StringDecoder } from "node:string_decoder";
import { decodeCreate } from "../../wire/decode-container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { streamsOf } from "../containers/streams.ts";
import { EngineError, invalid } from "../errors.ts";
import { committedLayer } from "../files/commit.ts";
import { layerOf } from "../files/reach.ts";
import { type Build, CommandFailed, type StageState } from "./build.ts";
import type { InstructionOf } from "./dockerfile/instruction.ts";
import { wordsOf } from "./metadata.ts";
import { addStep, type Step, useCached } from "./step-image.ts";

/** @throws CommandFailed; EngineError when it cannot be started, or nobody waits for it any more */
export async function runCommand(build: Build, state: StageState, { command }: InstructionOf<"RUN">): Promise<void> {
  const words = wordsOf(command, state.config);
  const environment = state.config.Env ?? [];
  const args = build.args.effective(environment);
  const shown = build.args.effective(environment, { shown: true });
  const createdBy = shown.length > 0 ? [`|${shown.length}`, ...shown, ...words] : words;
  const step: Step = { createdBy, config: state.config };
  if (useCached(build, state, step)) return;
  if (!state.image) throw cannotStart(words);

  const id = await createRunContainer(build, state, { words, environment: [...environment, ...args] });
  const exitCode = await carryOut(build, id);
  if (exitCode !== 0) throw new CommandFailed(words.join(" "), exitCode);
  const { record } = build.deps.store.find(id);
  const layer = await committedLayer(build.deps.fileHost, { id, layer: await layerOf(build.deps, record) });
  await addStep(build, state, step, layer);
}

/** Remove the containers of a step; at its end, and when a build is cancelled. */
export async function removeContainers(build: Build, options: { told: boolean }): Promise<void> {
  for (const id of build.containers.splice(0)) {
    if (options.told) build.output({ kind: "container-removed", id });
    try {
      await build.deps.containers.remove(id, { force: true, volumes: true, link: false });
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "not-found")) throw error;
    }
  }
}

/** There is nothing in scratch. */
function cannotStart([path = ""]: string[]): EngineError {
  return invalid(`exec: ${JSON.stringify(path)}: stat ${path}: no such file or directory: unknown`);
}

type Wanted = { words: string[]; environment: string[] };

async function createRunContainer(build: Build, state: StageState, { words, environment }: Wanted): Promise<string> {
  const { deps, request } = build;
  const config: ImageConfig = { ...state.config, Env: environment, Entrypoint: [""], Cmd: words };
  const created = await deps.containers.create({
    ...decodeCreate({
      ...config,
      // A build step's own health is its exit status.
      Healthcheck: { Test: ["NONE"] },
      Image: state.image?.id,
      OnBuild: null,
      HostConfig: { ...request.hostConfig, LogConfig: { Type: "none" } },
    }),
    name: "",
  });
  build.containers.push(created.Id);
  build.output({ kind: "container", id: created.Id, warnings: created.Warnings });
  return created.Id;
}

/** @returns the exit status, when all output has been told */
async function carryOut(build: Build, id: string): Promise<number> {
  const { deps, signal } = build;
  const outputEnded = Promise.withResolvers<void>();
  const remove = streamsOf(deps.store.find(id)).add(outputClient(build, outputEnded.resolve));
  const cancelled = new Promise<never>((_resolve, reject) => {
    const cancel = () => reject(buildCancelled());
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  });
  cancelled.catch(() => {});
  try {
    const { exit } = deps.containers.wait(id, "next-exit");
    await deps.containers.start(id);
    const { exitCode } = await Promise.race([exit, cancelled]);
    await Promise.race([outputEnded.promise, cancelled]);
    return exitCode;
  } finally {
    remove();
  }
}

export const buildCancelled = () => new EngineError("unavailable", "Build cancelled");

function outputClient({ output }: Build, end: () => void) {
  const decoders = { 1: new StringDecoder("utf8"), 2: new StringDecoder("utf8") };
  return {
    stdout: true,
    stderr: true,
    write(stream: 1 | 2, data: Buffer): undefined {
      const text = decoders[stream].write(data);
      if (text !== "") output({ kind: "log", stream, text });
    },
    end,
  };
}
