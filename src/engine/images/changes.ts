/** `--change` of import and commit: a Dockerfile's instructions that alter a configuration, read as a build reads them. */
import type { ImageConfig } from "../../wire/image.ts";
import { parseInstruction } from "../build/dockerfile/instruction.ts";
import { expand } from "../build/expand.ts";
import { applyMetadata, isMetadata } from "../build/metadata.ts";
import { invalid } from "../errors.ts";

/** @throws EngineError invalid "foo is not a valid change command" */
export function applyChanges(config: ImageConfig, changes: string[]): ImageConfig {
  let changed = config;
  let commandSet = false;
  for (const line of changes) {
    const name = /\S+/.exec(line)?.[0].toUpperCase();
    if (name === undefined) continue;
    if (!VALID.has(name)) throw invalid(`${name.toLowerCase()} is not a valid change command`);
    const instruction = expand(parseInstruction(line, "\\"), changed.Env ?? [], "\\");
    if (!isMetadata(instruction)) throw invalid(`${name.toLowerCase()} is not a valid change command`);
    changed = applyMetadata(changed, instruction, { commandSet }).config;
    commandSet ||= instruction.type === "CMD";
  }
  return changed;
}

/** Of docker's (builder/dockerfile, validCommitCommands), and SHELL, which it once had. */
const VALID = new Set(
  "CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL ONBUILD SHELL STOPSIGNAL USER VOLUME WORKDIR".split(" "),
);
