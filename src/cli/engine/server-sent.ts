import type { Readable } from "node:stream";
import { parseJson } from "./json.ts";

/** Messages of a body of server-sent events, as they arrive: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export async function* serverSent(body: Readable): AsyncGenerator<{ event: string; data: unknown }> {
  const whole: string[] = [];
  let rest = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") {
        whole.push(line);
        continue;
      }
      const field = (name: string) => whole.find((it) => it.startsWith(`${name}: `))?.slice(name.length + 2);
      const [event, data] = [field("event"), field("data")];
      whole.length = 0;
      // Comments keep the connection alive; "retry" is for browsers.
      if (event !== undefined && data !== undefined) yield { event, data: parseJson(data) };
    }
  }
}
