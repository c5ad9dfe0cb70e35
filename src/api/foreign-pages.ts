/**
 * The API on a TCP port is in reach of every page that a browser on this machine shows. Clients name an address, or localhost;
 * what a page sends is told by other-pages.ts. Pure.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { hostName, otherOrigin, otherSite } from "./other-pages.ts";
import type { InnerApi } from "./ui/server.ts";

/** The same API, for all but pages: they get 403. */
export function withoutForeignPages(api: InnerApi): InnerApi {
  return {
    ...api,
    serve(request, response) {
      const reason = foreignPage(request.headers);
      if (reason === undefined) return api.serve(request, response);
      response.writeHead(403, { "Content-Type": "application/json", Connection: "close" }).end(answer(reason));
    },
    upgrade(request, socket, head) {
      const reason = foreignPage(request.headers);
      if (reason === undefined) return api.upgrade(request, socket, head);
      socket.on("error", () => socket.destroy());
      const fields = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(answer(reason))}`;
      socket.end(`HTTP/1.1 403 Forbidden\r\n${fields}\r\nConnection: close\r\n\r\n${answer(reason)}`);
    },
  };
}

const answer = (message: string) => `${JSON.stringify({ message })}\n`;

/** @returns why the request is refused; undefined: no page has sent it */
export function foreignPage(headers: IncomingHttpHeaders): string | undefined {
  const { host = "" } = headers;
  const name = hostName(host) ?? "";
  if (isIP(name.replace(/^\[|\]$/g, "")) === 0 && name !== "localhost")
    return `the host "${host.slice(0, 100)}" is not known: use an IP address or localhost`;
  return otherOrigin(headers) ?? otherSite(headers);
}
