/** Paths of the host that containers ask for: bind sources. */
import { mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { HostPaths } from "../../engine/containers/deps.ts";
import { parseMountInfo } from "../../kernel/proc-mountinfo.ts";
import { isErrno } from "../../lib/errno.ts";

export const hostPaths: HostPaths = {
  kind(path) {
    try {
      return statSync(path).isDirectory() ? "dir" : "file";
    } catch (error) {
      if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  },
  makeDirectory: (path) => void mkdirSync(path, { recursive: true, mode: 0o755 }),
  mountOf(path) {
    const real = realPath(path);
    const holding = parseMountInfo(readFileSync("/proc/self/mountinfo", "utf8")).filter(
      ({ mountpoint }) => mountpoint === "/" || real === mountpoint || real.startsWith(`${mountpoint}/`),
    );
    // Of two on one mount point the later one is on top.
    const found = holding.reduce((best, one) => (one.mountpoint.length >= best.mountpoint.length ? one : best));
    const is = (word: string) => found.propagation.some((field) => field.startsWith(`${word}:`));
    return { mountpoint: found.mountpoint, shared: is("shared"), slave: is("master") };
  },
};

/** Of what is not there yet: where it would be made. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR") || path === "/") throw error;
    return join(realPath(dirname(path)), basename(path));
  }
}
