/** ADD of a URL: a file called as the URL or the server says, with the time that the server says, for root only. */
import { createHash } from "node:crypto";
import { invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import { toBytes } from "./names.ts";
import type { SourceTree } from "./ports.ts";
import { fileSource, type Source } from "./sources.ts";

export const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

/** A repository, which BuildKit would clone. */
export const isGitRepository = (text: string): boolean =>
  /^(?:git|ssh):\/\/|^git@[^/]+:/i.test(text) || /^https?:\/\/[^#?]+\.git(?:[#?]|$)/i.test(text);

/** @property checksum "sha256:…" of what is there, "" for any */
type Fetching = { url: string; target: string; checksum: string; opened: (tree: SourceTree) => void };

/** @throws EngineError forbidden where the engine connects to loopback only; invalid when it is something else */
export async function fetchSource(build: Build, { url, target, checksum, opened }: Fetching): Promise<Source> {
  const address = URL.parse(url);
  if (!address) throw invalid(`invalid URL ${JSON.stringify(url)}`);
  const wanted = checksum === "" ? undefined : parseChecksum(checksum);
  const { name, modified, content } = await build.deps.host.fetch(address, build.signal);
  if (target.endsWith("/") && name === "") throw invalid(`cannot determine filename for source ${url}`);
  const received = wanted ? checked(content, wanted) : content;
  const tree = await build.deps.host.openFile({ mode: 0o600, modified }, received);
  opened(tree);
  const entry = tree.entry("file");
  if (!entry) throw new TypeError("a tree of one file has no file");
  return { ...fileSource(tree, entry, toBytes(name)), keptPacked: true };
}

type Checksum = { algorithm: string; hex: string };

const HEX_DIGITS: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };

/** @throws EngineError invalid */
export function parseChecksum(text: string): Checksum {
  const [, algorithm = "", hex = ""] = /^(sha\d+):([0-9a-f]+)$/.exec(text) ?? [];
  if (hex === "" || HEX_DIGITS[algorithm] !== hex.length) throw invalid(`invalid checksum digest: ${text}`);
  return { algorithm, hex };
}

/** The same, but for an error at the end of what is something else. */
export async function* checked(content: AsyncIterable<Buffer>, { algorithm, hex }: Checksum): AsyncGenerator<Buffer> {
  const hash = createHash(algorithm);
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  const found = hash.digest("hex");
  if (found !== hex) throw invalid(`digest mismatch ${algorithm}:${found}: ${algorithm}:${hex}`);
}
