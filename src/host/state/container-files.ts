/** Containers' own files below the data root, and their runtime directories below the exec root. */
import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerFiles, ContainerPaths } from "../../engine/containers/deps.ts";
import { isErrno } from "./errno.ts";

/**
 * Synchronous on purpose: a start writes three small files, and each trip through the thread pool costs more than that.
 * @param roots.execRoot short: the kernel takes socket paths of 107 bytes (unix(7))
 */
export function containerFiles(roots: { dataRoot: string; execRoot: string; resolvConf?: string }): ContainerFiles {
  const containers = join(roots.dataRoot, "containers");
  const runtime = join(roots.execRoot, "containers");
  const of = (id: string): ContainerPaths => {
    const directory = join(containers, id);
    const run = join(runtime, id);
    return {
      directory,
      hostname: join(directory, "hostname"),
      hosts: join(directory, "hosts"),
      resolvConf: join(directory, "resolv.conf"),
      log: join(directory, `${id}-json.log`),
      mountpoint: join(run, "root"),
      socket: join(run, "monitor.sock"),
      exitRecord: join(run, "exit.json"),
    };
  };
  const removeRuntime = (id: string) => rmSync(join(runtime, id), { recursive: true, force: true });
  const makeMountpoint = (id: string) => {
    const { mountpoint } = of(id);
    mkdirSync(mountpoint, { recursive: true, mode: 0o700 });
    return mountpoint;
  };
  return {
    of,
    makeMountpoint,
    prepare(id, texts) {
      const paths = of(id);
      // 0710 and 0700: what lies below belongs to the container's users, not to the host's.
      mkdirSync(paths.directory, { recursive: true, mode: 0o710 });
      removeRuntime(id);
      makeMountpoint(id);
      writeOver(paths.hostname, texts.hostname);
      writeOver(paths.hosts, texts.hosts);
      writeOver(paths.resolvConf, texts.resolvConf);
    },
    writeHosts: (id, text) => writeOver(of(id).hosts, text),
    removeRuntime,
    remove: async (id) => {
      removeRuntime(id);
      await rm(join(containers, id), { recursive: true, force: true });
    },
    runtimeIds: () => directoryNames(runtime).filter((name) => /^[0-9a-f]{64}$/.test(name)),
    hostResolvConf: () => readIfThere(roots.resolvConf ?? "/etc/resolv.conf"),
  };
}

/** In place, so that the bind mount in a running container shows it; never through a link. */
function writeOver(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
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

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}
