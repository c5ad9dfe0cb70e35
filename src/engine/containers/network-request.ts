/** What a container asks of the networks when it starts. Pure. */
import type { Connector } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import { egressOf } from "./egress-request.ts";
import { ownsNetwork } from "./modes.ts";
import { portRequests } from "./port-bindings.ts";

type Request = Parameters<Connector["prepare"]>[0];

/** Containers that share another's network namespace ask for nothing; the host's publishes nothing. */
export function networkRequest(record: ContainerRecord): Request {
  const { hostConfig, config } = record;
  if (hostConfig.NetworkMode.startsWith("container:")) return { endpoints: [], ports: [] };
  const egress = egressOf(record);
  const endpoints = Object.entries(record.networking).map(([network, settings]) => ({
    network,
    containerId: record.id,
    name: record.name,
    hostname: config.Hostname,
    aliases: settings.Aliases ?? [],
    ...(settings.IPAMConfig?.IPv4Address && { ipv4: settings.IPAMConfig.IPv4Address }),
    ...(settings.IPAMConfig?.IPv6Address && { ipv6: settings.IPAMConfig.IPv6Address }),
    ...macOf(record, network, settings.MacAddress),
    ...(egress !== undefined && { egress }),
    ...(settings.GwPriority && { gwPriority: settings.GwPriority }),
  }));
  return {
    endpoints,
    ports: ownsNetwork(hostConfig.NetworkMode) ? portRequests(hostConfig, config.ExposedPorts ?? {}) : [],
  };
}

/** Clients before API 1.44 put the MAC into Config; it is meant for the network of NetworkMode. */
function macOf({ config, hostConfig }: ContainerRecord, network: string, own: string): { mac?: string } {
  const mac = own || (network === hostConfig.NetworkMode ? config.MacAddress : "");
  return mac ? { mac } : {};
}
