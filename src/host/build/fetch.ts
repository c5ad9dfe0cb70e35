/** ADD of a URL: one GET, redirects followed, through no proxy. */
import type { IncomingMessage } from "node:http";
import type { BuildHost } from "../../engine/build/ports.ts";
import { EngineError, internal } from "../../engine/errors.ts";
import { createConnect, isLoopback } from "../registry/connect.ts";

const MAX_REDIRECTS = 10;

/** @param options.loopbackOnly refuse every other address before anything is sent */
export function createFetch({ loopbackOnly }: { loopbackOnly: boolean }): BuildHost["fetch"] {
  const connect = createConnect({ loopbackOnly });
  return async (url, signal) => {
    let at = url;
    for (let redirects = 0; ; redirects++) {
      if (loopbackOnly && !isLoopback(at.hostname)) {
        const why = "this engine was started with --registry-loopback-only";
        throw new EngineError("forbidden", `connection to ${at.host} refused: ${why}`);
      }
      const response = await connect({ method: "GET", url: at, headers: {}, insecure: false, signal });
      const { statusCode = 0, headers } = response;
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined && redirects < MAX_REDIRECTS) {
        response.resume();
        at = new URL(headers.location, at);
        continue;
      }
      if (statusCode >= 400) {
        response.resume();
        throw internal(`failed to GET ${url.href} with status ${statusCode} ${response.statusMessage}: `);
      }
      return { name: fileName(url, response), modified: modifiedAt(response), content: response };
    }
  };
}

/** The server's word for it, else the last part of the URL's path; "" if there is neither. */
function fileName(url: URL, { headers }: IncomingMessage): string {
  const [, stated = ""] = /filename="?([^";]+)"?/.exec(headers["content-disposition"] ?? "") ?? [];
  const name = (stated || decodeURIComponent(url.pathname)).split("/").at(-1) ?? "";
  return name === "." || name === ".." ? "" : name;
}

/** In seconds; 0 if it is not told. */
function modifiedAt({ headers }: IncomingMessage): number {
  const time = Date.parse(headers["last-modified"] ?? "");
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}
