/** ADD of a URL: a file called as the URL or the server says, with the time that the server says, for root only. */
import { invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import { toBytes } from "./names.ts";
import type { SourceTree } from "./ports.ts";
import type { Source } from "./sources.ts";

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

type Fetching = { url: string; target: string; opened: (tree: SourceTree) => void };

/** @throws EngineError forbidden where the engine connects to loopback only */
export async function fetchSource(build: Build, { url, target, opened }: Fetching): Promise<Source> {
  const address = URL.parse(url);
  if (!address) throw invalid(`invalid URL ${JSON.stringify(url)}`);
  const { name, modified, content } = await build.deps.host.fetch(address, build.signal);
  if (target.endsWith("/") && name === "") throw invalid(`cannot determine filename for source ${url}`);
  const tree = await build.deps.host.openFile({ mode: 0o600, modified }, content);
  opened(tree);
  const entry = tree.entry("file");
  if (!entry) throw new TypeError("a tree of one file has no file");
  return { tree, entry, name: toBytes(name), hash: `file:${entry.hash}`, fetched: true };
}
