/** A container's resolv.conf (resolv.conf(5)): the host's, or what was asked for. Pure. */
import type { HostConfig } from "../../wire/container.ts";
import type { Settings } from "./deps.ts";

/** Where the engine's own DNS answers in user-defined networks. */
const EMBEDDED_DNS = "127.0.0.11";
/** Docker's way out when all servers of the host are on its loopback, which a container cannot reach. */
const FALLBACK = ["8.8.8.8", "8.8.4.4"];

export function resolvConfText(request: {
  /** text of the host's file */
  host: string;
  asked: Pick<HostConfig, "Dns" | "DnsSearch" | "DnsOptions">;
  settings: Pick<Settings, "dns" | "dnsSearch" | "dnsOptions">;
  ownNetwork: boolean;
  embeddedDns: boolean;
}): string {
  const { asked, settings } = request;
  const host = parse(request.host);
  const servers = firstSet(asked.Dns, settings.dns) ?? (request.ownNetwork ? reachable(host.servers) : host.servers);
  const search = (firstSet(asked.DnsSearch, settings.dnsSearch) ?? host.search).filter((domain) => domain !== ".");
  const options = firstSet(asked.DnsOptions, settings.dnsOptions) ?? host.options;
  const lines = (request.embeddedDns ? [EMBEDDED_DNS] : servers).map((server) => `nameserver ${server}`);
  if (search.length > 0) lines.push(`search ${search.join(" ")}`);
  // With one dot or more asked first as they are: names of containers have none.
  const shown =
    request.embeddedDns && !options.some((option) => option.startsWith("ndots:")) ? [...options, "ndots:0"] : options;
  if (shown.length > 0) lines.push(`options ${shown.join(" ")}`);
  return `${lines.join("\n")}\n`;
}

/** The servers that the engine's DNS asks on behalf of a container. */
export function upstreamServers(request: { host: string; asked: string[]; settings: string[] }): string[] {
  return firstSet(request.asked, request.settings) ?? parse(request.host).servers;
}

function firstSet(...lists: string[][]): string[] | undefined {
  return lists.find((list) => list.length > 0);
}

function reachable(servers: string[]): string[] {
  const outside = servers.filter((server) => !/^127\.|^::1$/.test(server));
  return outside.length > 0 ? outside : FALLBACK;
}

function parse(text: string): { servers: string[]; search: string[]; options: string[] } {
  const found = { servers: [] as string[], search: [] as string[], options: [] as string[] };
  for (const line of text.split("\n")) {
    const [key, ...words] = line.trim().split(/\s+/);
    if (key === "nameserver" && words[0]) found.servers.push(words[0]);
    else if (key === "search" || key === "domain") found.search = words;
    else if (key === "options") found.options.push(...words);
  }
  return found;
}
