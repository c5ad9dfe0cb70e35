/** Rotated logs of containers that ask for it are compressed while they run, and once more when they have ended. */
import type { ContainerRecord } from "./container.ts";
import { monitorOf } from "./control.ts";
import type { Deps } from "./deps.ts";
import type { LiveContainer } from "./live.ts";
import { logSpec } from "./log-drivers.ts";

type CompressionDeps = Pick<Deps, "launcher" | "files" | "logFiles" | "log">;

/** From the start of a container, or the engine's, until its process has ended. */
export function compressLogs(deps: CompressionDeps, container: LiveContainer): void {
  const { id } = container.record;
  const path = deps.files.of(id).log;
  if (!compresses(container.record, path)) return;

  const place = async (inode: bigint) => (await monitorOf(deps, container)).packed(inode);
  let turn = Promise.resolve();
  let asked = false;
  // One at a time; whatever happens while one waits for its turn is seen by it.
  const look = (ended: boolean) => {
    if (asked && !ended) return;
    asked = true;
    turn = turn
      .then(() => {
        asked = false;
        return deps.logFiles.compress(path, ended ? undefined : place);
      })
      // It is only about room: the plain file is read as well.
      .catch((error: unknown) => deps.log("compress a log", { container: id, error }));
  };
  const unwatch = deps.logFiles.watch(path, (change) => change === "moved" && look(false));
  void container.nextExit().then(() => {
    unwatch();
    look(true);
  });
  look(false);
}

function compresses(record: ContainerRecord, path: string): boolean {
  try {
    return logSpec(record, path)?.compress ?? false;
  } catch {
    return false; // such options let no container start
  }
}
