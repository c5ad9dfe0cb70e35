import type { FileFacts, LowerFacts } from "./ports.ts";

/** Copied up and left as it was, a file has not changed; a directory's own time and size say nothing. */
export function isAltered(entry: FileFacts, before: LowerFacts): boolean {
  const { kind, mode, uid, gid, size, mtime } = entry;
  if (kind !== before.kind || mode !== before.mode || uid !== before.uid || gid !== before.gid) return true;
  return kind !== "dir" && (size !== before.size || mtime.seconds !== before.seconds);
}
