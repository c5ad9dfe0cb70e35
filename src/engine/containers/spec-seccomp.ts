/** Seccomp programs by what they depend on: compiling docker's default takes longer than a whole start may. */
import {
  compileSeccomp,
  decodeSeccompProfile,
  defaultSeccompProfile,
  seccompArch,
} from "../../isolation/seccomp/index.ts";
import { invalid } from "../errors.ts";
import type { Deps, Settings } from "./deps.ts";
import type { SecurityOptions } from "./security-options.ts";

type Program = { program: Uint8Array; flags: number };

/** Few in practice: one per set of capabilities and profile. */
const compiled = new Map<string, Program>();
const MOST_KEPT = 64;

/** @returns null for unconfined or a profile that says nothing, and with a warning where filters cannot be made. Throws invalid on a profile that is none. */
export function seccompProgram(
  choice: SecurityOptions["seccomp"],
  capabilities: string[],
  { settings: { kernel }, log }: { settings: Pick<Settings, "kernel">; log: Deps["log"] },
  machine: string = process.arch,
): Program | null {
  if (choice === "unconfined") return null;
  const arch = seccompArch(machine);
  if (!arch) {
    log("containers run without seccomp: there are no filters for this machine", { machine });
    return null;
  }
  const key = `${choice === "default" ? "" : choice.profile}\n${capabilities.join()}`;
  const known = compiled.get(key);
  if (known) return known;
  const profile = choice === "default" ? defaultSeccompProfile : decodeProfile(choice.profile);
  if (!profile) return null;
  const program = compileSeccomp(profile, { arch, capabilities, kernel });
  if (compiled.size >= MOST_KEPT) compiled.clear();
  compiled.set(key, program);
  return program;
}

function decodeProfile(text: string) {
  try {
    return decodeSeccompProfile(text);
  } catch (error) {
    throw invalid(`Decoding seccomp profile failed: ${error instanceof Error ? error.message : error}`);
  }
}
