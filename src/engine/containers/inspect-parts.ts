/** Parts of a container that list and inspect show alike. Pure. */
import type { EndpointSettings, MountPoint } from "../../wire/container.ts";
import type { ContainerRecord } from "./container.ts";

export type MountShown = MountPoint;

/** In docker's order of fields; `--tmpfs` is no mount for docker, `--mount type=tmpfs` is. */
export function mountsShown({ mounts, hostConfig }: Pick<ContainerRecord, "mounts" | "hostConfig">): MountShown[] {
  return mounts
    .filter((mount) => mount.Type !== "tmpfs" || !Object.hasOwn(hostConfig.Tmpfs ?? {}, mount.Destination))
    .map((mount) => ({
      Type: mount.Type,
      ...(mount.Name !== undefined && { Name: mount.Name }),
      Source: mount.Source,
      Destination: mount.Destination,
      ...(mount.Driver !== undefined && { Driver: mount.Driver }),
      Mode: mount.Mode,
      RW: mount.RW,
      Propagation: mount.Propagation,
    }));
}

/** What was asked of each network, and what it gave if the container runs. */
export function endpointsShown({
  networking,
  endpoints,
}: Pick<ContainerRecord, "networking" | "endpoints">): Record<string, EndpointSettings> {
  const shown: Record<string, EndpointSettings> = {};
  for (const [name, asked] of Object.entries(networking)) {
    const given = endpoints.find((endpoint) => endpoint.networkName === name || endpoint.networkId === name);
    shown[given?.networkName ?? name] = {
      IPAMConfig: asked.IPAMConfig,
      Links: asked.Links,
      Aliases: asked.Aliases,
      MacAddress: given?.mac ?? asked.MacAddress,
      DriverOpts: asked.DriverOpts,
      GwPriority: asked.GwPriority,
      NetworkID: given?.networkId ?? asked.NetworkID,
      EndpointID: given?.endpointId ?? "",
      Gateway: given?.gateway ?? "",
      IPAddress: given?.ipv4 ?? "",
      IPPrefixLen: given?.prefixLength ?? 0,
      IPv6Gateway: given?.ipv6Gateway ?? "",
      GlobalIPv6Address: given?.ipv6 ?? "",
      GlobalIPv6PrefixLen: given?.ipv6PrefixLength ?? 0,
      DNSNames: given && given.dnsNames.length > 0 ? given.dnsNames : null,
    };
  }
  return shown;
}
