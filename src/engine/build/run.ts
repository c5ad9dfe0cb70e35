/** RUN: a container of the stage's image carries the command out; what it changed becomes the next layer. */
import { StringDecoder } from "node:string_decoder";
import type { Mount } from "../../wire/container.ts";
import { decodeCreate } from "../../wire/decode-container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { streamsOf } from "../containers/streams.ts";
import { EngineError, invalid } from "../errors.ts";
import { committedLayer } from "../files/commit.ts";
import { layerOf } from "../files/reach.ts";
import { type Build, CommandFailed, type StageState } from "./build.ts";
import { orCancelled } from "./cancel.ts";
import type { InstructionOf } from "./dockerfile/instruction.ts";
import { wordsOf } from "./metadata.ts";
import { withMounts } from "./run-mount-make.ts";
import { missingMountPoints } from "./run-mount-points.ts";
import { findMounts } from "./run-mount-sources.ts";
import { addStep, type Step, useCached } from "./step-image.ts";

type Run = InstructionOf<"RUN">;

/** @throws CommandFailed; EngineError when it cannot be started, or nobody waits for it any more */
export async function runCommand(build: Build, state: StageState, run: Run): Promise<void> {
  const hostConfig = hostConfigOf(build, run);
  const found = await findMounts(build, run.mounts, state.config.WorkingDir ?? "/");
  const words = wordsOf(run.command, state.config);
  const environment = state.config.Env ?? [];
  const args = build.args.effective(environment);
  const shown = build.args.effective(environment, { shown: true });
  const network = run.network === "" || run.network === "default" ? [] : [`--network=${run.network}`];
  const options = [...found.words, ...network, ...(shown.length > 0 ? [`|${shown.length}`, ...shown] : [])];
  const step: Step = { createdBy: [...options, ...words], config: state.config };
  if (useCached(build, state, step)) return;
  if (!state.image) throw cannotStart(words);

  const wanted = { words, environment: replaced(environment, args), hostConfig, mounts: [] };
  if (found.mounts.length === 0) return runStep(build, state, step, wanted);
  await withMounts(build, found.mounts, async ({ mounts, environment: secrets }) => {
    try {
      await runStep(build, state, step, { ...wanted, mounts, environment: replaced(wanted.environment, secrets) });
    } finally {
      // Whatever is to become of others: what it has mounted goes, and its record may hold a secret.
      await removeContainers(build, { told: !build.signal.aborted });
    }
  });
}

async function runStep(build: Build, state: StageState, step: Step, wanted: Wanted): Promise<void> {
  const { deps } = build;
  const id = await createRunContainer(build, state, wanted);
  const { record } = deps.store.find(id);
  const own = { id, layer: await layerOf(deps, record) };
  const targets = wanted.mounts.map(({ Target }) => Target);
  const made = await missingMountPoints(deps, own, targets);
  const exitCode = await carryOut(build, id);
  if (exitCode !== 0) throw new CommandFailed(wanted.words.join(" "), exitCode);
  await addStep(build, state, step, await committedLayer(deps.fileHost, own, made));
}

/** Later ones take the place of earlier ones. */
function replaced(environment: string[], more: string[]): string[] {
  const nameOf = (entry: string) => entry.split("=", 1)[0];
  const names = new Set(more.map(nameOf));
  return [...environment.filter((entry) => !names.has(nameOf(entry))), ...more];
}

/** The build's, with the network that the step asks for. @throws EngineError for what a Dockerfile may not have, or nobody knows */
function hostConfigOf({ request }: Build, { network, security }: Run): object {
  if (security === "insecure") {
    throw invalid("RUN --security=insecure is not supported: security.insecure is not allowed");
  }
  if (security !== "" && security !== "sandbox") throw invalid(`security ${JSON.stringify(security)} is not valid`);
  const { hostConfig } = request;
  switch (network) {
    case "":
    case "default":
      return hostConfig;
    case "none":
      return { ...hostConfig, NetworkMode: "none" };
    case "host":
      if (request.hostNetwork || Reflect.get(hostConfig, "NetworkMode") === "host") {
        return { ...hostConfig, NetworkMode: "host" };
      }
      throw new EngineError("forbidden", "RUN --network=host: network.host is not allowed");
    default:
      throw invalid(`unsupported network mode ${JSON.stringify(network)}: known are default, none, host`);
  }
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

type Wanted = { words: string[]; environment: string[]; hostConfig: object; mounts: Mount[] };

async function createRunContainer(build: Build, state: StageState, wanted: Wanted): Promise<string> {
  const { deps } = build;
  const { words, environment, hostConfig, mounts: Mounts } = wanted;
  const config: ImageConfig = { ...state.config, Env: environment, Entrypoint: [""], Cmd: words };
  const created = await deps.containers.create({
    ...decodeCreate({
      ...config,
      // A build step's own health is its exit status.
      Healthcheck: { Test: ["NONE"] },
      Image: state.image?.id,
      // The same in every build.
      ...(build.request.dialect === "buildkit" && { Hostname: "buildkitsandbox" }),
      OnBuild: null,
      HostConfig: { ...hostConfig, Mounts, LogConfig: { Type: "none" } },
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
  try {
    const { exit } = deps.containers.wait(id, "next-exit");
    await deps.containers.start(id);
    const { exitCode } = await orCancelled(signal, exit);
    await orCancelled(signal, outputEnded.promise);
    return exitCode;
  } finally {
    remove();
  }
}

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
