/** Containers' own files below the data root, and their runtime directories below the exec root. */
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerFiles, ContainerPaths } from "../../engine/containers/deps.ts";
import { invalid } from "../../engine/errors.ts";
import { isErrno, readTextIfThere } from "../../lib/errno.ts";
import { createTrash, type Trash } from "../storage/trash.ts";

/** Hex digits of a socket's name: 128 bits are unique, and a whole id would take most of the 107 bytes of unix(7). */
const SOCKET_NAME = 32;
/** What may be in front of "/s/" and a socket's name. */
export const LONGEST_EXEC_ROOT = 107 - SOCKET_NAME - 3;

/**
 * Synchronous on purpose: a start writes three small files, and each trip through the thread pool costs more than that.
 * @param roots.execRoot short: the kernel takes socket paths of 107 bytes (unix(7))
 */
export function containerFiles(roots: { dataRoot: string; execRoot: string; resolvConf?: string }): ContainerFiles {
  if (Buffer.byteLength(roots.execRoot) > LONGEST_EXEC_ROOT) {
    throw invalid(
      `the exec root ${roots.execRoot} is too long for unix sockets below it: at most ${LONGEST_EXEC_ROOT} bytes`,
    );
  }
  const containers = join(roots.dataRoot, "containers");
  const runtime = join(roots.execRoot, "containers");
  const sockets = join(roots.execRoot, "s");
  // One for all: each container mounts its root there in a mount namespace of its own. To remove a directory that was a
  // mount point anywhere costs milliseconds in the kernel (detach_mounts waits for RCU).
  const mountpoint = join(roots.execRoot, "root");
  const of = (id: string): ContainerPaths => {
    const directory = join(containers, id);
    const run = join(runtime, id);
    return {
      directory,
      hostname: join(directory, "hostname"),
      hosts: join(directory, "hosts"),
      resolvConf: join(directory, "resolv.conf"),
      log: join(directory, `${id}-json.log`),
      mountpoint,
      imageMounts: join(run, "image-"),
      secrets: join(run, "secret-"),
      socket: join(sockets, id.slice(0, SOCKET_NAME)),
      exitRecord: join(run, "exit.json"),
    };
  };
  // Directories are moved away, and removed when nobody waits: trash.ts tells why.
  const trash = trashBelow(roots.dataRoot);
  const runtimeTrash = trashBelow(roots.execRoot);
  void runtimeTrash.emptied().catch(() => {}); // an earlier engine's; the data root's is the storage's to empty
  const removeRuntime = (id: string) => {
    const directory = join(runtime, id);
    if (existsSync(directory) && !runtimeTrash.discardNow(directory)) removeFlat(directory);
    const { socket } = of(id);
    // Asked first: the monitor has mostly removed it, and an exception takes longer than a look.
    if (existsSync(socket)) rmSync(socket, { force: true });
  };
  mkdirSync(mountpoint, { recursive: true, mode: 0o700 });
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  return {
    of,
    prepare(id, texts) {
      const paths = of(id);
      // 0710 and 0700: what lies below belongs to the container's users, not to the host's.
      if (!existsSync(paths.directory)) mkdirSync(paths.directory, { recursive: true, mode: 0o710 });
      removeRuntime(id);
      mkdirSync(join(runtime, id), { recursive: true, mode: 0o700 });
      writeOver(paths.hostname, texts.hostname);
      writeOver(paths.hosts, texts.hosts);
      writeOver(paths.resolvConf, texts.resolvConf);
    },
    edit(id, change) {
      const paths = of(id);
      const before = { hosts: readPlain(paths.hosts), resolvConf: readPlain(paths.resolvConf) };
      const after = change(before);
      if (after.hosts !== before.hosts) writeOver(paths.hosts, after.hosts);
      if (after.resolvConf !== before.resolvConf) writeOver(paths.resolvConf, after.resolvConf);
    },
    removeRuntime,
    remove: async (id) => {
      removeRuntime(id);
      const directory = join(containers, id);
      if (existsSync(directory) && !trash.discardNow(directory)) await rm(directory, { recursive: true, force: true });
    },
    ids: () => directoryNames(containers).filter(isId),
    runtimeIds: () => directoryNames(runtime).filter(isId),
    hostResolvConf: () => readTextIfThere(roots.resolvConf ?? "/etc/resolv.conf"),
  };
}

function trashBelow(root: string): Trash {
  const directory = join(root, "trash");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return createTrash(directory, () => {}); // the next start tries again
}

const isId = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** In place; never through a link, which a container may have left there. */
function writeOver(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

const MAX_TEXT_BYTES = 1 << 20;

/** As long as a container may have made it, and no longer; never through a link. */
function readPlain(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(MAX_TEXT_BYTES);
    return bytes.toString("utf8", 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}

/** A directory of few known entries, where there is no trash to move it to. */
function removeFlat(directory: string): void {
  if (!existsSync(directory)) return;
  try {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) rmdirSync(path);
      else unlinkSync(path);
    }
    rmdirSync(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    if (!isErrno(error, "ENOTEMPTY")) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
}

function directoryNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
