/**
 * What a request must look like before anything is done for it: it comes from this very page, or is somebody opening it. Pure.
 *
 * - Host names a loopback address: a name of somebody's domain that leads here (DNS rebinding) is refused. The port may be any:
 *   `ssh -L` gives it another one.
 * - Origin, where there is one, is this host: no other page may send, stream or open websockets (browsers do not ask before they do).
 * - Sec-Fetch-Site, where there is one, says the same for requests without Origin.
 */
import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost, otherOrigin, otherSite } from "../other-pages.ts";

/** opens: the address typed, a link followed; sends: changes something; reads: all others. */
export type Purpose = "opens" | "reads" | "sends";

/** @returns why it is refused; undefined: it may go on */
export function refusal(headers: IncomingHttpHeaders, purpose: Purpose): string | undefined {
  const host = headers.host ?? "";
  if (!isLoopbackHost(host))
    return `the host "${host.slice(0, 100)}" is not a loopback address: open the page as http://127.0.0.1:PORT`;
  const other = otherOrigin(headers);
  if (other !== undefined) return other;
  if (purpose === "sends" && headers.origin === undefined)
    return "a request that changes something must say its Origin";
  return purpose === "opens" ? undefined : otherSite(headers);
}

/** The cookie of that name, as the browser sent it. */
export function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
