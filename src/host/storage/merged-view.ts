/**
 * Looks up paths in a stack of overlay layers without mounting it, by overlayfs's rules (kernel:
 * Documentation/filesystems/overlayfs.rst): the upper entry wins, directories merge, a whiteout or an opaque directory
 * ends the search. A running container may change its layer meanwhile: every step goes by a descriptor of the parent
 * (O_PATH | O_NOFOLLOW below /proc/self/fd), so no step can be led out, and only a regular file is ever opened.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { promisify } from "node:util";

export type MergedLayer = {
  directory: string;
  /** Its opaque directories; absent: not known, they are asked for when needed. */
  opaque?: ReadonlySet<string>;
};
type Fd = { number: number; stats: Stats };
type Directory = { layer: MergedLayer; fd: Fd };
/** One directory of the merged view: its parts, top first. */
type Merged = { path: string[]; parts: Directory[] };
type Found = { kind: "dir"; merged: Merged } | { kind: "leaf"; fd: Fd; parent: Fd; name: string };

/** open(2): not among node's constants. */
const O_PATH = 0o10000000;
const MAX_SYMLINKS = 40;
const run = promisify(execFile);

/** @returns at most `maxBytes` of a regular file; undefined when the path leads to anything else or nothing */
export async function readMergedFile(
  layers: MergedLayer[],
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> {
  using fds = descriptors();
  const found = await resolve(fds, layers, path);
  if (found?.kind !== "leaf" || !found.fd.stats.isFile()) return undefined;
  const file = fds.open(`/proc/self/fd/${found.fd.number}`, constants.O_RDONLY | constants.O_NONBLOCK);
  if (file === undefined) return undefined;
  const buffer = Buffer.alloc(Math.min(maxBytes, found.fd.stats.size + 1));
  let length = 0;
  while (length < buffer.length) {
    const got = readSync(file.number, buffer, length, buffer.length - length, length);
    if (got === 0) break;
    length += got;
  }
  return buffer.subarray(0, length);
}

/** Kind and owner of a path; symlinks are followed inside the root. */
export async function statMergedPath(
  layers: MergedLayer[],
  path: string,
): Promise<{ kind: "dir" | "file" | "other"; mode: number; uid: number; gid: number } | undefined> {
  using fds = descriptors();
  const found = await resolve(fds, layers, path);
  const stats = found?.kind === "dir" ? found.merged.parts[0]?.fd.stats : found?.fd.stats;
  if (!found || !stats) return undefined;
  const kind = found.kind === "dir" ? "dir" : stats.isFile() ? "file" : "other";
  return { kind, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
}

async function resolve(fds: Descriptors, layers: MergedLayer[], path: string): Promise<Found | undefined> {
  const root: Merged = { path: [], parts: [] };
  for (const layer of layers) {
    const fd = fds.open(layer.directory, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    if (fd) root.parts.push({ layer, fd });
  }
  let stack = [root];
  const pending = path.split("/").reverse();
  let symlinks = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (stack.length > 1) stack.pop();
      continue;
    }
    const found = await lookup(fds, stack.at(-1) as Merged, name);
    if (!found) return undefined;
    if (found.kind === "dir") {
      stack.push(found.merged);
      continue;
    }
    if (!found.fd.stats.isSymbolicLink()) return pending.every((rest) => rest === "") ? found : undefined;
    if (++symlinks > MAX_SYMLINKS) return undefined;
    const target = readlinkSync(`/proc/self/fd/${found.parent.number}/${name}`);
    if (target.startsWith("/")) stack = stack.slice(0, 1);
    pending.push(...target.split("/").reverse());
  }
  return { kind: "dir", merged: stack.at(-1) as Merged };
}

async function lookup(fds: Descriptors, { path, parts }: Merged, name: string): Promise<Found | undefined> {
  const merged: Merged = { path: [...path, name], parts: [] };
  for (const [index, { layer, fd: parent }] of parts.entries()) {
    const fd = fds.open(`/proc/self/fd/${parent.number}/${name}`, O_PATH | constants.O_NOFOLLOW);
    if (!fd) continue;
    if (!fd.stats.isDirectory()) {
      if (merged.parts.length > 0 || isWhiteout(fd.stats)) break;
      return { kind: "leaf", fd, parent, name };
    }
    merged.parts.push({ layer, fd });
    if (index === parts.length - 1) break;
    if (layer.opaque ? layer.opaque.has(merged.path.join("/")) : await isOpaque(fd)) break;
  }
  return merged.parts.length > 0 ? { kind: "dir", merged } : undefined;
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

/** node cannot read extended attributes; tar can, and writes them into a PAX header. Setting one changes the ctime. */
async function isOpaque(fd: Fd): Promise<boolean> {
  const { dev, ino, ctimeMs } = fd.stats;
  const key = `${dev}:${ino}:${ctimeMs}`;
  const known = opacity.get(key);
  if (known !== undefined) return known;
  const options = ["--create", "--file=-", "--no-recursion", "--xattrs", "--xattrs-include=trusted.overlay.*"];
  const at = `--directory=/proc/${process.pid}/fd/${fd.number}`;
  const { stdout } = await run("tar", [...options, at, "."], {
    encoding: "latin1",
    env: { ...process.env, LC_ALL: "C" },
  });
  const opaque = stdout.includes("SCHILY.xattr.trusted.overlay.opaque=y");
  if (opacity.size >= MAX_KNOWN) opacity.clear();
  opacity.set(key, opaque);
  return opaque;
}
const opacity = new Map<string, boolean>();
const MAX_KNOWN = 1000;

type Descriptors = ReturnType<typeof descriptors>;

function descriptors() {
  const open: number[] = [];
  return {
    /** undefined if missing */
    open(path: string, flags: number): Fd | undefined {
      try {
        const number = openSync(path, flags);
        open.push(number);
        return { number, stats: fstatSync(number) };
      } catch (error) {
        if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
          return undefined;
        throw error;
      }
    },
    [Symbol.dispose]() {
      for (const number of open) closeSync(number);
    },
  };
}
