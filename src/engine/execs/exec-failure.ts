/** Why an exec did not start, in the words by which docker's CLI tells 127 (not found) from 126 (not executable). */

import { strerror } from "../../kernel/errno.ts";
import { InvalidInput } from "../../lib/invalid-input.ts";
import type { ContainerRecord } from "../containers/container.ts";
import { conflict, EngineError, internal, invalid } from "../errors.ts";
import { LaunchError } from "../ports.ts";

/** @returns what the client is told, and the exit code that inspect shows */
export function execFailure(cause: unknown, record: ContainerRecord): { error: EngineError; exitCode: number } {
  if (cause instanceof LaunchError) return launchFailure(cause, record);
  if (cause instanceof EngineError) return { error: cause, exitCode: 126 };
  if (cause instanceof InvalidInput) return { error: invalid(cause.message), exitCode: 126 };
  return { error: internal(cause instanceof Error ? cause.message : String(cause), cause), exitCode: 126 };
}

function launchFailure(cause: LaunchError, record: ContainerRecord): { error: EngineError; exitCode: number } {
  if (cause.op === "open_process") return { error: conflict(`container ${record.id} is not running`), exitCode: 126 };
  const reason = strerror(cause.errno);
  if (cause.op === "execve") {
    const missing = cause.errno === "ENOENT" || cause.errno === "ENOTDIR";
    const inPath = missing && !cause.object.includes("/");
    const told = `exec: "${cause.object}": ${inPath ? "executable file not found in $PATH" : reason}`;
    return { error: invalid(text(told)), exitCode: missing ? 127 : 126 };
  }
  if (cause.op === "chdir") {
    const told = `chdir to cwd ("${cause.object}") set in config.json failed: ${reason}`;
    return { error: invalid(text(told)), exitCode: cause.errno === "ENOENT" ? 127 : 126 };
  }
  return { error: internal(text(`${[cause.op, cause.object].join(" ").trim()}: ${reason}`), cause), exitCode: 126 };
}

const text = (reason: string) =>
  `OCI runtime exec failed: exec failed: unable to start container process: ${reason}: unknown`;
