/** The built page, read once and kept: a path is looked up in a table, so that none can lead anywhere else. */
import { globSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

export type PageFile = { body: Buffer; zipped: Buffer; type: string; lasting: boolean };

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** @param root dist/web. @returns path -> file; undefined: the page has not been built */
export function loadPage(root: string): Map<string, PageFile> | undefined {
  if (!statSync(join(root, "index.html"), { throwIfNoEntry: false })) return undefined;
  const files = new Map<string, PageFile>();
  for (const path of globSync("**/*", { cwd: root })) {
    const type = TYPES[extname(path)];
    if (type === undefined || !statSync(join(root, path)).isFile()) continue;
    const body = readFileSync(join(root, path));
    // Names in assets/ hold a digest of what is in them.
    files.set(path, { body, zipped: gzipSync(body), type, lasting: path.startsWith("assets/") });
  }
  return files;
}
