/** Bridges of networks: made and removed rarely, so by the ip program. */
import { readFile, writeFile } from "node:fs/promises";
import { EngineError } from "../../engine/errors.ts";
import type { BridgeSettings } from "../../engine/networks/host-network.ts";
import { removeLink } from "./parent.ts";
import { run } from "./run.ts";

/**
 * Make the bridge if it is missing; in any case give it addresses and settings, and switch it on.
 * @returns its interface number
 */
export async function ensureBridge(settings: BridgeSettings, log: (message: string) => void): Promise<number> {
  const { name, addresses, mtu } = settings;
  const found = await look(name);
  if (found && found.kind !== "bridge") throw new EngineError("invalid", `interface ${name} exists and is no bridge`);
  try {
    await run("ip", ["-batch", "-"], batch(settings, found));
    await setSysctls(name, addresses);
    await run("ip", ["link", "set", "dev", name, "mtu", String(mtu), "up"]);
    const made = found ?? (await look(name));
    if (made === undefined) throw new EngineError("internal", `bridge ${name} has vanished`);
    if (settings.forward) await switchForwardingOn(addresses, log);
    return made.index;
  } catch (error) {
    if (!found) await removeLink(name).catch(() => {});
    throw error;
  }
}

type Link = { index: number; kind: string; addresses: string[] };

/** By ip, not by /sys/class/net: that one shows the network namespace in which /sys was mounted. */
async function look(name: string): Promise<Link | undefined> {
  let text: string;
  try {
    text = await run("ip", ["-json", "-details", "address", "show", "dev", name]);
  } catch (error) {
    if (error instanceof EngineError && error.message.includes("does not exist")) return undefined;
    throw error;
  }
  const [link] = JSON.parse(text) as IpLink[];
  if (link === undefined) return undefined;
  return {
    index: link.ifindex,
    kind: link.linkinfo?.info_kind ?? "",
    addresses: link.addr_info
      .filter(({ scope }) => scope === "global")
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  };
}

/** What we read of `ip -json`. */
type IpLink = {
  ifindex: number;
  linkinfo?: { info_kind?: string };
  addr_info: { scope: string; local: string; prefixlen: number }[];
};

function batch({ name, addresses }: BridgeSettings, found: Link | undefined): string {
  const current = found?.addresses ?? [];
  const lines: string[] = [];
  // An address of its own: a bridge otherwise takes its lowest port's, and neighbours' ARP entries go stale with it.
  if (!found)
    lines.push(`link add name ${name} address ${macOfBridge(addresses)} type bridge stp_state 0 forward_delay 0`);
  for (const old of current.filter((address) => !addresses.includes(address)))
    lines.push(`address delete ${old} dev ${name}`);
  for (const address of addresses.filter((wanted) => !current.includes(wanted)))
    lines.push(`address add ${address} dev ${name}${address.includes(":") ? " nodad" : ""}`);
  return `${lines.join("\n")}\n`;
}

/** accept_ra: a container must not configure the host by router advertisements (CVE-2020-13401). */
async function setSysctls(name: string, addresses: string[]): Promise<void> {
  await writeSysctl(`/proc/sys/net/ipv6/conf/${name}/accept_ra`, "0");
  if (!addresses.some((address) => address.includes(":")))
    await writeSysctl(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
}

/**
 * Let the host's 127.0.0.1 reach ports published from these bridges (route_localnet, ip-sysctl). Only when the rules are
 * there that keep the other direction closed.
 */
export async function allowFromLoopback(bridges: string[]): Promise<void> {
  for (const name of bridges) await writeSysctl(`/proc/sys/net/ipv4/conf/${name}/route_localnet`, "1");
}

async function switchForwardingOn(addresses: string[], log: (message: string) => void): Promise<void> {
  for (const [path, wanted] of [
    ["/proc/sys/net/ipv4/ip_forward", addresses.some((address) => !address.includes(":"))],
    ["/proc/sys/net/ipv6/conf/all/forwarding", addresses.some((address) => address.includes(":"))],
  ] as const) {
    if (!wanted || (await readFile(path, "utf8").catch(() => "1")).trim() !== "0") continue;
    await writeSysctl(path, "1");
    log(
      `switched on ${path.slice("/proc/sys/".length).replaceAll("/", ".")}: containers need the host to route for them`,
    );
  }
}

async function writeSysctl(path: string, value: string): Promise<void> {
  try {
    await writeFile(path, value);
  } catch (cause) {
    // A kernel without IPv6 has no such file.
    if (path.includes("/ipv6/") && cause instanceof Error && "code" in cause && cause.code === "ENOENT") return;
    throw new EngineError(
      "internal",
      `writing ${value} to ${path}: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

function macOfBridge(addresses: string[]): string {
  const [four] = addresses.filter((address) => !address.includes(":"));
  const octets = four?.split("/")[0]?.split(".").map(Number) ?? [0, 0, 0, 1];
  return ["02", "42", ...octets.map((octet) => octet.toString(16).padStart(2, "0"))].join(":");
}
