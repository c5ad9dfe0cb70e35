import { resolve } from "node:path";

/** -v: with a source it is a bind ("src:dst[:options]"), without one an anonymous volume. */
export function volumesOf(texts: string[]): { binds: string[]; volumes: Record<string, Record<string, never>> } {
  const binds: string[] = [];
  const volumes: Record<string, Record<string, never>> = {};
  for (const text of new Set(texts)) {
    const parts = text.split(":");
    const [source = "", ...rest] = parts;
    // What cannot be a bind is sent as it is: the engine says what is wrong with it.
    if (rest.length === 0 || rest.length > 2 || parts.includes("")) volumes[text] = {};
    // The engine does not stand where we do: what begins with a dot is meant from here.
    else
      binds.push(
        [source === "." || source === ".." || /^\.\.?\//.test(source) ? resolve(source) : source, ...rest].join(":"),
      );
  }
  return { binds, volumes };
}
