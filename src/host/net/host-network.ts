/** The host's side of networks: bridges by ip(8), rules by nft(8), ports by bind(2), running processes by nsenter(1). */
import { readFile } from "node:fs/promises";
import type { HostNetwork } from "../../engine/networks/host-network.ts";
import type { Launcher } from "../../engine/ports.ts";
import { applyToProcess, interfaceNames } from "./apply.ts";
import { allowFromLoopback, ensureBridge } from "./bridge.ts";
import { createFirewall } from "./firewall.ts";
import { holdPort } from "./hold-port.ts";
import { ensureParent, hasLink, removeLink } from "./parent.ts";
import { usedSubnets } from "./used-subnets.ts";

/**
 * @param table of the firewall, the engine's own (table-name.ts)
 * @param binary path of the launcher program
 * @param log told of what is changed beyond our own interfaces (ip_forward), and of rules that had to be restored
 */
export function createHostNetwork({
  table,
  log,
  launcher,
  binary,
}: {
  table: string;
  binary: string;
  log: (message: string) => void;
  launcher: Launcher;
}): HostNetwork {
  const firewall = createFirewall({ table, launcher: binary }, log);
  return {
    usedSubnets,
    ensureBridge: (settings) => ensureBridge(settings, log),
    ensureParent,
    hasLink,
    removeLink,
    firewall: {
      ...firewall,
      async setNetworks(networks, egress) {
        await firewall.setNetworks(networks, egress);
        await allowFromLoopback(networks.map((network) => network.bridge));
      },
    },
    holdPort,
    ephemeralPorts,
    apply: (process, spec) => applyToProcess(launcher, process, spec),
    interfaceNames,
  };
}

/** net.ipv4.ip_local_port_range (ip-sysctl). */
async function ephemeralPorts(): Promise<[number, number]> {
  const text = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8").catch(() => "");
  const [first = 32768, last = 60999] = text.trim().split(/\s+/).filter(Boolean).map(Number);
  return [first, last];
}
