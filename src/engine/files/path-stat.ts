/** A file as X-Docker-Container-Path-Stat shows it: the words of Go's os.FileInfo. */
import { posix } from "node:path";
import type { FileKind, PathFacts } from "./ports.ts";

export type PathStat = { name: string; size: number; mode: number; mtime: string; linkTarget: string };

/** Bits of Go's os.FileMode (io/fs). */
const KIND_BITS: Record<FileKind, number> = {
  file: 0,
  dir: 2 ** 31,
  symlink: 2 ** 27,
  block: 2 ** 26,
  char: 2 ** 26 + 2 ** 21,
  fifo: 2 ** 25,
  socket: 2 ** 24,
};
const SETUID = 2 ** 23;
const SETGID = 2 ** 22;
const STICKY = 2 ** 20;

export function pathStat(path: string, facts: PathFacts): PathStat {
  return {
    name: baseName(path),
    size: facts.size,
    mode: goMode(facts.kind, facts.mode),
    mtime: timeText(facts.mtime),
    // A link into nothing comes as it is written.
    linkTarget: facts.kind === "symlink" ? posix.resolve(posix.dirname(path), facts.target) : "",
  };
}

/**
 * As the client gave it, from the root on, without "..", with its last "/" or "/.": it decides whether a link at the end is
 * followed, and what the archive's first entry is called.
 */
export function absolutePath(path: string): string {
  const clean = posix.join("/", path).replace(/(.)\/$/, "$1");
  if (clean === "/") return clean;
  if (path === "." || path.endsWith("/.")) return `${clean}/.`;
  return path.endsWith("/") ? `${clean}/` : clean;
}

/** Go's filepath.Base. */
export function baseName(path: string): string {
  return path === "/" ? "/" : posix.basename(path);
}

function goMode(kind: FileKind, mode: number): number {
  const special = (mode & 0o4000 ? SETUID : 0) + (mode & 0o2000 ? SETGID : 0) + (mode & 0o1000 ? STICKY : 0);
  return KIND_BITS[kind] + special + (mode & 0o777);
}

/** RFC3339Nano in UTC. */
function timeText({ seconds, nanoseconds }: PathFacts["mtime"]): string {
  const fraction = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  const whole = new Date(seconds * 1000).toISOString().slice(0, -".000Z".length);
  return `${whole}${fraction && `.${fraction}`}Z`;
}
