/** Why a start failed, in the words by which docker's CLI chooses its exit code: 127 not found, 126 not executable, else 125. */
import { InvalidInput } from "../../lib/invalid-input.ts";
import { EngineError, internal, invalid } from "../errors.ts";
import { LaunchError } from "../ports.ts";

/** What start reports, and the exit code that the container's state shows. */
export type StartFailure = { error: EngineError; exitCode: number };

/** @param cause what the launch threw */
export function startFailure(cause: unknown): StartFailure {
  if (cause instanceof LaunchError) return launchFailure(cause);
  if (cause instanceof InvalidInput) return { error: invalid(cause.message), exitCode: 126 };
  if (cause instanceof EngineError) return { error: cause, exitCode: 128 };
  return { error: internal(cause instanceof Error ? cause.message : String(cause), cause), exitCode: 128 };
}

function launchFailure(cause: LaunchError): StartFailure {
  const text = (reason: string) =>
    `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${reason}: unknown`;
  const reason = strerror(cause.errno);
  if (cause.op === "execve") {
    const missing = cause.errno === "ENOENT" || cause.errno === "ENOTDIR";
    const inPath = missing && !cause.object.includes("/");
    const told = inPath ? "executable file not found in $PATH" : reason;
    const message = text(`error during container init: exec: "${cause.object}": ${told}`);
    // Docker answers 400 to a start whose command is at fault.
    return { error: invalid(message), exitCode: missing ? 127 : 126 };
  }
  if (cause.op === "chdir") {
    return {
      error: invalid(
        text(`error during container init: chdir to cwd ("${cause.object}") set in config.json failed: ${reason}`),
      ),
      exitCode: 126,
    };
  }
  if (cause.op === "bind" && (cause.errno === "EINVAL" || cause.errno === "ENOTDIR")) {
    // move_mount(2) says EINVAL where mount(2), and so docker, says ENOTDIR: one is a directory, the other is not.
    const told = text(`error during container init: error mounting to rootfs at "${cause.object}": not a directory`);
    return { error: invalid(told + KIND_MISMATCH), exitCode: 127 };
  }
  return { error: internal(text(`${[cause.op, cause.object].join(" ").trim()}: ${reason}`), cause), exitCode: 128 };
}

const KIND_MISMATCH =
  ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";

// The C library's words, which clients search for; others keep their name.
const WORDS: Record<string, string> = {
  EPERM: "operation not permitted",
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  ENOEXEC: "exec format error",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EINVAL: "invalid argument",
  ENOSPC: "no space left on device",
  ENOMEM: "cannot allocate memory",
  EBUSY: "device or resource busy",
  ELOOP: "too many levels of symbolic links",
  ENODEV: "no such device",
  EROFS: "read-only file system",
  E2BIG: "argument list too long",
};

const strerror = (errno: string) => WORDS[errno] ?? errno;
