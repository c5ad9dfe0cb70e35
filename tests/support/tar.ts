/** Archives for tests, hostile ones too: entries are written as they are given. */
import { BLOCK, formatHeader, padding } from "../../src/host/storage/tar-header.ts";
import { formatPax } from "../../src/host/storage/tar-pax.ts";

export type TestEntry = {
  name: string;
  type?: "file" | "hardlink" | "symlink" | "char" | "block" | "dir" | "fifo";
  content?: string | Buffer;
  link?: string;
  mode?: number;
  uid?: number;
  /** stated size, when it shall not be the content's */
  size?: number;
  device?: [number, number];
  pax?: Record<string, string | Buffer>;
  /** type flag, when it shall be none of the above */
  flag?: string;
};

const FLAGS = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", dir: "5", fifo: "6" };

export function tarOf(entries: TestEntry[]): Buffer {
  return Buffer.concat([...entries.map(encode), Buffer.alloc(2 * BLOCK)]);
}

function encode(entry: TestEntry): Buffer {
  const { name, type = "file", link = "", mode, uid = 0, device: [major, minor] = [0, 0], pax = {} } = entry;
  const body = Buffer.from(entry.content ?? "");
  const header = formatHeader(
    {
      name: type === "dir" ? `${name.replace(/\/$/, "")}/` : name,
      ...{ link, uid, gid: 0, mtime: 1_000_000_000, major, minor },
      flag: entry.flag ?? FLAGS[type],
      mode: mode ?? (type === "dir" ? 0o755 : 0o644),
      size: entry.size ?? body.length,
    },
    formatPax(Object.entries(pax).map(([key, value]) => [key, Buffer.from(value)])),
  );
  return Buffer.concat([header, body, padding(body.length)]);
}
