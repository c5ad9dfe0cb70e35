/**
 * What a request must look like before anything is done for it: it comes from this very page, or is somebody opening it. Pure.
 *
 * - Host names a loopback address: a name of somebody's domain that leads here (DNS rebinding) is refused. The port may be any:
 *   `ssh -L` gives it another one.
 * - Origin, where there is one, is this host: no other page may send, stream or open websockets (browsers do not ask before they do).
 * - Sec-Fetch-Site, where there is one, says the same for requests without Origin.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** opens: the address typed, a link followed; sends: changes something; reads: all others. */
export type Purpose = "opens" | "reads" | "sends";

/** @returns why it is refused; undefined: it may go on */
export function refusal(headers: IncomingHttpHeaders, purpose: Purpose): string | undefined {
  const host = headers.host ?? "";
  if (!isLoopbackHost(host))
    return `the host "${host.slice(0, 100)}" is not a loopback address: open the page as http://127.0.0.1:PORT`;
  const { origin } = headers;
  const own = `http://${host}`.toLowerCase();
  if (origin !== undefined && origin.toLowerCase() !== own)
    return `requests of the page ${origin.slice(0, 100)} are not answered`;
  if (purpose === "sends" && origin === undefined) return "a request that changes something must say its Origin";
  const site = headers["sec-fetch-site"];
  if (purpose !== "opens" && site !== undefined && site !== "same-origin" && site !== "none")
    return "requests of other sites' pages are not answered";
  return undefined;
}

/** @param host as in the header: with or without port */
export function isLoopbackHost(host: string): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
  return (
    name === "localhost" || name === "[::1]" || (name !== undefined && isIP(name) === 4 && name.startsWith("127."))
  );
}

/** The cookie of that name, as the browser sent it. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
