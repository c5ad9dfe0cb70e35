/** Paths of the host that containers ask for: bind sources. */
import { mkdirSync, statSync } from "node:fs";
import type { HostPaths } from "../../engine/containers/deps.ts";
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
};
