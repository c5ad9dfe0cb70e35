/** The files that every container finds in /etc and that are its own: hostname, hosts, resolv.conf. Pure. */
import type { Endpoint } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps, Settings } from "./deps.ts";
import { type Link, linkHosts, linksOf } from "./links.ts";
import { ownsNetwork } from "./modes.ts";
import { resolvConfText } from "./resolv-conf.ts";

/** @param endpoints what the networks gave it; in the order of its networks */
export function containerTexts(
  { settings, files, store }: Pick<Deps, "settings" | "files" | "store">,
  record: Pick<ContainerRecord, "name" | "config" | "hostConfig">,
  endpoints: Endpoint[],
): { hostname: string; hosts: string; resolvConf: string } {
  const { config, hostConfig } = record;
  return {
    // Without the domain, as sethostname(2) gets it and docker writes it.
    hostname: `${config.Hostname}\n`,
    hosts: hostsText({ config, hostConfig, endpoints, settings, links: linksOf(store, record) }),
    resolvConf: resolvConfText({
      host: files.hostResolvConf(),
      asked: hostConfig,
      settings,
      ownNetwork: ownsNetwork(hostConfig.NetworkMode),
      embeddedDns: needsEmbeddedDns(endpoints),
    }),
  };
}

const LOOPBACK = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::\tip6-localnet
ff00::\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
`;

function hostsText({
  config,
  hostConfig,
  endpoints,
  settings,
  links,
}: Pick<ContainerRecord, "config" | "hostConfig"> & {
  endpoints: Endpoint[];
  settings: Settings;
  links: Link[];
}): string {
  const extra = (hostConfig.ExtraHosts ?? []).map((entry) => {
    const cut = entry.indexOf(":");
    const address = entry.slice(cut + 1).replace(/^\[(.*)\]$/, "$1");
    return `${address === "host-gateway" ? settings.hostGateway : address}\t${entry.slice(0, cut)}\n`;
  });
  const own = ownHosts({ config }, endpoints).map((line) => `${line}\n`);
  return [LOOPBACK, ...extra, ...links.map(linkHosts), ...own].join("");
}

/** A container that has names on some network asks the engine for those of others. */
export function needsEmbeddedDns(endpoints: Endpoint[]): boolean {
  return endpoints.some(({ dnsNames }) => dnsNames.length > 0);
}

/** Lines of /etc/hosts for the container's own addresses. */
export function ownHosts({ config }: Pick<ContainerRecord, "config">, endpoints: Endpoint[]): string[] {
  return endpoints
    .filter(({ hidden }) => !hidden)
    .flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
    .filter((address) => address !== "")
    .map((address) => `${address}\t${hostNames(config)}`);
}

/** "web.example.org web" */
export function hostNames({ Hostname: name, Domainname: domain }: ContainerRecord["config"]): string {
  const full = domain === "" ? name : `${name}.${domain}`;
  const [first] = full.split(".");
  return first === full ? full : `${full} ${first}`;
}
