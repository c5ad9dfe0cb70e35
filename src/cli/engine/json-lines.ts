import type { Readable } from "node:stream";
import { parseJson } from "./json.ts";

/** Objects of a body that holds one JSON value a line (events, stats, progress), as they arrive. */
export async function* jsonLines<T>(body: Readable): AsyncGenerator<T> {
  let rest = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield parseJson(line) as T;
  }
  if (rest.trim() !== "") yield parseJson(rest) as T;
}
