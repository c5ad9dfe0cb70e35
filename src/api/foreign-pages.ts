/**
 * The API on a TCP port is in reach of every page that a browser on this machine shows. Its scripts cannot hide what they are. Pure.
 *
 * - A page whose domain was bent to here (DNS rebinding) sends its own name as Host. Clients name an address, or localhost.
 * - Another page says its Origin when it changes something or opens a websocket, and newer browsers tell in Sec-Fetch-Site.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
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
export function foreignPage({ host = "", origin, ...headers }: IncomingHttpHeaders): string | undefined {
  const name = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/i.exec(host);
  const [, address6, other = address6 ?? ""] = name ?? [];
  if (isIP(other) === 0 && other.toLowerCase() !== "localhost")
    return `the host "${host.slice(0, 100)}" is not known: use an IP address or localhost`;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase())
    return `requests of the page ${origin.slice(0, 100)} are not answered`;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    return "requests of other sites' pages are not answered";
  return undefined;
}
