/**
 * What tells that a web page sends a request, and which: its scripts cannot hide it. Pure.
 *
 * - A page whose domain was bent to here (DNS rebinding) sends its own name as Host.
 * - Another page says its Origin when it changes something or opens a websocket, and newer browsers tell in Sec-Fetch-Site.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** @returns why a request that another page has sent is refused; undefined: its Origin, if it has one, is this host */
export function otherOrigin({ host = "", origin }: IncomingHttpHeaders): string | undefined {
  if (origin === undefined || origin.toLowerCase() === `http://${host}`.toLowerCase()) return undefined;
  return `requests of the page ${origin.slice(0, 100)} are not answered`;
}

/** @returns why a request of another site's page is refused, by what the browser says of it */
export function otherSite({ "sec-fetch-site": site }: IncomingHttpHeaders): string | undefined {
  if (site === undefined || site === "same-origin" || site === "none") return undefined;
  return "requests of other sites' pages are not answered";
}

/**
 * @param host as in the header Host: with or without port
 * @returns its name in lower case, an IPv6 address in brackets; undefined: it is no host
 */
export function hostName(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
}

/** @param host as in the header Host: with or without port */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host);
  return (
    name === "localhost" || name === "[::1]" || (name !== undefined && isIP(name) === 4 && name.startsWith("127."))
  );
}
