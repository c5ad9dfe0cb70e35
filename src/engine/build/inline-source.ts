/** A here-document of COPY or ADD: a file whose content is in the Dockerfile. */
import { posix } from "node:path";
import { invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import type { InlineFile } from "./dockerfile/copy-instruction.ts";
import { toBytes } from "./names.ts";
import type { SourceTree } from "./ports.ts";
import { fileSource, type Source } from "./sources.ts";

/** @param opened is told of the tree that is to be closed */
export async function inlineSource(
  { deps }: Build,
  { name, content }: InlineFile,
  opened: (tree: SourceTree) => void,
): Promise<Source> {
  const base = posix.basename(name);
  if (["", ".", ".."].includes(base)) throw invalid(`a heredoc cannot be a file called ${JSON.stringify(name)}`);
  const modified = Math.floor(Date.now() / 1000);
  const tree = await deps.host.openFile({ mode: 0o644, modified }, piecesOf(content));
  opened(tree);
  const entry = tree.entry("file");
  if (!entry) throw new TypeError("a tree of one file has no file");
  return { ...fileSource(tree, entry, toBytes(base)), keptPacked: true };
}

async function* piecesOf(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content);
}
