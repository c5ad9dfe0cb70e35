/** The outside of builds: their sources' archives, and what ADD fetches. */
import type { BuildHost } from "../../engine/build/ports.ts";
import { EngineError } from "../../engine/errors.ts";
import { decompress } from "../storage/decompress.ts";
import { storagePaths } from "../storage/paths.ts";
import { BLOCK, parseHeader } from "../storage/tar-header.ts";
import { DEFAULT_LIMITS } from "../storage/unpack.ts";
import { createFetch } from "./fetch.ts";
import { packEntries } from "./pack.ts";
import { removeSecret, writeSecret } from "./secret-files.ts";
import { openFileTree, openSourceTree } from "./source-tree.ts";

export function createBuildHost({ dataRoot, loopbackOnly }: { dataRoot: string; loopbackOnly: boolean }): BuildHost {
  const { tmp } = storagePaths(dataRoot);
  return {
    openTree: (archive) => openSourceTree(archive, { directory: tmp, limits: DEFAULT_LIMITS }),
    openFile: (facts, content) => openFileTree(content, facts, tmp),
    pack: packEntries,
    isArchive,
    writeSecret,
    removeSecret,
    fetch: createFetch({ loopbackOnly }),
  };
}

/** Docker looks at the first header, too. */
async function isArchive(content: AsyncIterable<Buffer>): Promise<boolean> {
  try {
    const { stream } = await decompress(content);
    const first: Buffer[] = [];
    let length = 0;
    for await (const piece of stream) {
      first.push(piece);
      length += piece.length;
      if (length >= BLOCK) break;
    }
    return length >= BLOCK && parseHeader(Buffer.concat(first).subarray(0, BLOCK)) !== undefined;
  } catch (error) {
    if (error instanceof EngineError && error.kind === "invalid") return false;
    throw error;
  }
}
