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
  const fullName = config.Domainname === "" ? config.Hostname : `${config.Hostname}.${config.Domainname}`;
  return {
    hostname: `${fullName}\n`,
    hosts: hostsText({ config, hostConfig, endpoints, settings, links: linksOf(store, record) }),
    resolvConf: resolvConfText({
      host: files.hostResolvConf(),
      asked: hostConfig,
      settings,
      ownNetwork: ownsNetwork(hostConfig.NetworkMode),
      embeddedDns: endpoints.some((endpoint) => endpoint.dnsNames.length > 0),
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
  const full = config.Domainname === "" ? config.Hostname : `${config.Hostname}.${config.Domainname}`;
  const [first] = full.split(".");
  const names = first === full ? full : `${full} ${first}`;
  const own = endpoints.flatMap((endpoint) =>
    [endpoint.ipv4, endpoint.ipv6].filter((address) => address !== "").map((address) => `${address}\t${names}\n`),
  );
  return [LOOPBACK, ...extra, ...links.map(linkHosts), ...own].join("");
}
