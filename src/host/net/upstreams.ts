/** Name servers for names that are not ours. */
import { readFileSync } from "node:fs";
import type { ContainerRecord } from "../../engine/containers/container.ts";
import { parseAddress } from "../../kernel/cidr.ts";

/** The container's own (--dns), else the host's (resolv.conf(5)), read each time: the host may change its network. */
export function upstreamsOf(container: ContainerRecord | undefined): string[] {
  const own = container?.hostConfig.Dns ?? [];
  return own.length > 0 ? own : hostNameServers();
}

function hostNameServers(): string[] {
  let text = "";
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return []; // none is configured
  }
  return text.split("\n").flatMap((line) => {
    const server = /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "";
    return parseAddress(server) ? [server] : [];
  });
}
