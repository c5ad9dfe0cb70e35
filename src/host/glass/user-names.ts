import { statSync } from "node:fs";
import { readNow } from "../cgroup/reader.ts";

const PASSWD = "/etc/passwd";

/** Names of the host's users, read again when the file has changed. "": the file has no such user. */
export function createUserNames(): (uid: number) => string {
  let names = new Map<number, string>();
  let readAt = Number.NEGATIVE_INFINITY;
  let changed = 0;
  return (uid) => {
    // Looked at once a second at most.
    if (performance.now() - readAt > 1000) {
      readAt = performance.now();
      const now = statSync(PASSWD, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (now !== changed) names = parse(readNow(PASSWD) ?? "");
      changed = now;
    }
    return names.get(uid) ?? "";
  };
}

/** The first line of an id counts, as for getpwuid(3). */
function parse(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (name && uid && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
