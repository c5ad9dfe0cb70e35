/** The launcher as a watch on nftables (native/watch_nft.h): who changes rules, told at once and for nothing while nobody does. */
import { ndjsonParser } from "../../lib/ndjson.ts";
import { spawnHelper } from "../launcher/helper.ts";

export type NftWatch = { close(): void };

/**
 * @param binary path of the launcher
 * @param changed a transaction was made by the process with this PID (the first PID namespace's number); 0: somebody, or the watch
 *   has only begun, and what was changed before is not known
 * @param lost it cannot be told any more, with the reason; not after close
 */
export function watchNft(
  binary: string,
  { changed, lost }: { changed(pid: number): void; lost(reason: string): void },
): NftWatch {
  let closed = false;
  let said = "";
  const end = (reason: string) => {
    if (!closed) lost(reason);
    closed = true;
  };
  const child = spawnHelper(binary, ["--watch-nft"], { title: "cloche:watch", output: "pipe" });
  child.once("error", (error) => end(error.message));
  child.once("close", (code, signal) => end(said.trim() || `it ended with ${code ?? signal}`));
  child.stderr?.on("data", (data) => (said += data));
  child.stdout?.on(
    "data",
    ndjsonParser((pid) => changed(Number(pid))),
  );
  return {
    close() {
      closed = true;
      child.stdin?.end();
    },
  };
}
