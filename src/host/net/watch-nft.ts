/** The launcher as a watch on nftables (native/watch_nft.h): who changes rules, told at once and for nothing while nobody does. */
import { type ChildProcess, spawn } from "node:child_process";

export type NftWatch = { close(): void };

/**
 * @param binary path of the launcher
 * @param changed a transaction was made by the process with this PID (the first PID namespace's number); 0: somebody
 * @param lost it cannot be told any more, with the reason; not after close
 */
export function watchNft(
  binary: string,
  { changed, lost }: { changed(pid: number): void; lost(reason: string): void },
): NftWatch {
  let closed = false;
  let said = "";
  let rest = "";
  const end = (reason: string) => {
    if (!closed) lost(reason);
    closed = true;
  };
  let child: ChildProcess;
  try {
    child = spawn(binary, ["--watch-nft"], { stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    end((error as Error).message);
    return { close() {} };
  }
  child.once("error", (error) => end(error.message));
  child.once("close", (code, signal) => end(said.trim() || `it ended with ${code ?? signal}`));
  child.stderr?.on("data", (data) => (said += data));
  child.stdout?.on("data", (data: Buffer) => {
    const lines = (rest + data.toString()).split("\n");
    rest = lines.pop() ?? "";
    // "ready": what was changed while it began is not known.
    for (const line of lines) changed(line === "ready" ? 0 : Number(line));
  });
  child.stdin?.on("error", () => {});
  // The engine ends when it wants to: the watch does, too, when its stdin does.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
  return {
    close() {
      closed = true;
      child.stdin?.end();
    },
  };
}
