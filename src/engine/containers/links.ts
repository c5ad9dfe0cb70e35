/**
 * Legacy links (--link NAME:ALIAS) on the default bridge, which has no DNS: the other's address is in /etc/hosts, and its
 * ports and variables are in the environment. On other networks the client asks the endpoint for them.
 */
import type { HostConfig } from "../../wire/container.ts";
import { EngineError, invalid, notFound } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Containers } from "./store.ts";

export type Link = { alias: string; name: string; hostname: string; ip: string; env: string[]; ports: string[] };

type Linking = Pick<ContainerRecord, "name" | "hostConfig">;

/** At create: NAME:ALIAS becomes ID:ALIAS, so that a rename does not cut the link. Throws invalid. */
export function resolveLinks(store: Containers, host: HostConfig): string[] | null {
  if (host.NetworkMode !== "bridge") return host.Links;
  const resolved = host.Links?.map((text) => {
    const { ref, alias } = parseLink(text);
    return `${findLinked(store, ref).id}:${alias}`;
  });
  return resolved ?? null;
}

/** Docker's two forms: name:alias, and the /name:/self/alias that inspect shows. */
function parseLink(text: string): { ref: string; alias: string } {
  if (text === "") throw invalid("empty string specified for links");
  const [ref = "", alias = ref, more] = text.split(":");
  if (more !== undefined) throw invalid(`bad format for links: ${text}`);
  if (!ref.startsWith("/")) return { ref, alias };
  return { ref: ref.slice(1), alias: alias.slice(alias.lastIndexOf("/") + 1) };
}

function findLinked(store: Containers, ref: string): ContainerRecord {
  try {
    return store.find(ref).record;
  } catch (error) {
    // Not-found would make the client pull the image.
    if (error instanceof EngineError) throw invalid(`could not get container for ${ref}: ${error.message}`);
    throw error;
  }
}

/** At start. Throws invalid when one of them does not run. */
export function linksOf(store: Containers, { name, hostConfig }: Linking): Link[] {
  return linked(store, hostConfig).map(({ alias, record }) => {
    if (record.state.process === undefined) {
      throw invalid(`Cannot link to a non running container: /${record.name} AS /${name}/${alias}`);
    }
    const link = linkTo(alias, record);
    if (!link) throw invalid(`container ${record.id} not attached to default bridge network`);
    return link;
  });
}

/** Later: those that can be reached now. */
export function linksNow(store: Containers, { hostConfig }: Linking): Link[] {
  return linked(store, hostConfig).flatMap(({ alias, record }) => linkTo(alias, record) ?? []);
}

/** @returns the container's links without this one. Throws not-found, as docker does for the name `ref`, when there is none. */
export function withoutLink(links: string[] | null, alias: string, ref: string): string[] | null {
  const left = (links ?? []).filter((text) => text.slice(text.indexOf(":") + 1) !== alias);
  if (left.length === (links ?? []).length) throw notFound(`No such container: ${ref}`);
  return left.length > 0 ? left : null;
}

function linkTo(alias: string, record: ContainerRecord): Link | undefined {
  const endpoint = record.endpoints.find(({ networkName }) => networkName === "bridge");
  if (!endpoint) return undefined;
  const { Hostname: hostname, Env: env, ExposedPorts: ports = {} } = record.config;
  return { alias, name: record.name, hostname, ip: endpoint.ipv4, env, ports: Object.keys(ports) };
}

/** As inspect has them: /name:/self/alias. */
export function linksShown(store: Containers, { name, hostConfig }: Linking): string[] | null {
  if (hostConfig.NetworkMode !== "bridge" || !hostConfig.Links?.length) return hostConfig.Links;
  const shown = linked(store, hostConfig).map(({ alias, record }) => `/${record.name}:/${name}/${alias}`);
  return shown.length > 0 ? shown : null;
}

/** Those whose containers still exist. */
function linked(store: Containers, { NetworkMode, Links }: HostConfig): { alias: string; record: ContainerRecord }[] {
  if (NetworkMode !== "bridge") return [];
  return (Links ?? []).flatMap((text) => {
    const [id = "", alias = ""] = text.split(":");
    const record = store.get(id)?.record;
    return record ? [{ alias, record }] : [];
  });
}

/** A line of /etc/hosts. */
export function linkHosts({ alias, name, hostname, ip }: Link): string {
  return `${ip}\t${alias} ${hostname}${alias === name ? "" : ` ${name}`}\n`;
}

/** Variables of the time before networks had names. @param self the container that links */
export function linkVariables({ alias, ip, env, ports }: Link, self: string): string[] {
  const prefix = alias.toUpperCase().replaceAll("-", "_");
  const sorted = ports
    .map((port) => port.split("/"))
    .map(([number = "", proto = "tcp"]) => ({ number, proto, name: `${prefix}_PORT_${number}_${proto.toUpperCase()}` }))
    .sort((a, b) => Number(a.number) - Number(b.number) || (a.proto === "tcp" ? -1 : 1));
  const url = ({ number, proto }: { number: string; proto: string }) => `${proto}://${ip}:${number}`;
  return [
    ...sorted.slice(0, 1).map((port) => `${prefix}_PORT=${url(port)}`),
    ...sorted.flatMap((port) => [
      `${port.name}=${url(port)}`,
      `${port.name}_ADDR=${ip}`,
      `${port.name}_PORT=${port.number}`,
      `${port.name}_PROTO=${port.proto}`,
    ]),
    `${prefix}_NAME=/${self}/${alias}`,
    ...env
      .filter((entry) => !/^(HOME|PATH)=/.test(entry) && entry.includes("="))
      .map((entry) => `${prefix}_ENV_${entry}`),
  ];
}
