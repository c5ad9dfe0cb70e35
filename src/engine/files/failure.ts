/** What went wrong with a container's files, in docker's words. */
import { strerror } from "../../kernel/errno.ts";
import type { ContainerRecord } from "../containers/container.ts";
import { EngineError, internal, invalid, notFound } from "../errors.ts";
import { FileError } from "./ports.ts";

/** No fault of who asked. */
const OURS = new Set(["EIO", "ENOSPC", "EDQUOT", "ENOMEM", "EMFILE", "ENFILE"]);

/**
 * @param asked.ref container as the client called it
 * @param asked.path as the client gave it
 */
export function fileFailure(error: unknown, record: ContainerRecord, asked: { ref: string; path: string }): unknown {
  if (!(error instanceof FileError)) return error;
  const { call, path, errno } = error;
  if (call === "lstat" && errno === "ENOENT") {
    return notFound(`Could not find the file ${asked.path} in container ${asked.ref}`);
  }
  if (call === "destination" && errno === "ENOTDIR") return invalid("extraction point is not a directory");
  if (call === "destination" && errno === "EROFS") {
    return new EngineError("forbidden", isInVolume(record, path) ? VOLUME_READONLY : ROOT_READONLY);
  }
  if (call === "overwrite") {
    const [old, young] = errno === "EISDIR" ? ["directory", "non-directory"] : ["non-directory", "directory"];
    return invalid(`cannot overwrite ${old} ${JSON.stringify(path)} with ${young} ${JSON.stringify(asked.path)}`);
  }
  const text = `${call} ${path}: ${strerror(errno)}`;
  return OURS.has(errno) ? internal(text, error) : invalid(text);
}

const VOLUME_READONLY = "mounted volume is marked read-only";
const ROOT_READONLY = "container rootfs is marked read-only";

function isInVolume({ mounts }: ContainerRecord, path: string): boolean {
  return mounts.some(({ Destination: target }) => path === target || path.startsWith(`${target}/`));
}
