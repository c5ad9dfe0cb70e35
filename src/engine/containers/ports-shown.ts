/** A container's ports as list and inspect show them. */
import type { PortBinding } from "../../wire/container.ts";
import type { PublishedPort } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import { hasProcess } from "./live.ts";

type Ported = Pick<ContainerRecord, "ports" | "state" | "config" | "endpoints">;

/** For `docker ps`: published ones of a running container, then exposed ones without. */
export function exposedPorts(
  record: Ported,
): { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[] {
  if (!hasProcess(record)) return [];
  const published = onHost(record).map((port) => ({
    IP: port.hostIp,
    PrivatePort: port.containerPort,
    PublicPort: port.hostPort,
    Type: port.proto as string,
  }));
  const known = new Set(onHost(record).map(portKey));
  const others = exposed(record)
    .filter((key) => !known.has(key))
    .map((key) => {
      const [port = "", proto = "tcp"] = key.split("/");
      return { PrivatePort: Number(port), Type: proto };
    });
  return [...published, ...others];
}

/** For inspect: "80/tcp" -> bindings, null for exposed only. Empty unless it runs. */
export function portMapShown(record: Ported): Record<string, PortBinding[] | null> {
  if (!hasProcess(record)) return {};
  const map: Record<string, PortBinding[] | null> = {};
  for (const key of exposed(record)) map[key] = null;
  for (const port of onHost(record)) {
    const key = portKey(port);
    map[key] = [...(map[key] ?? []), { HostIp: port.hostIp, HostPort: String(port.hostPort) }];
  }
  return map;
}

/** On routed networks the container's own port is reached, and none of the host's is taken: 0. */
const onHost = ({ ports }: Ported) => ports.filter(({ hostPort }) => hostPort !== 0);

/** "80/tcp" …; where no bridge is, there is nothing that would publish them. */
function exposed({ config, endpoints }: Ported): string[] {
  return endpoints.some(({ hostInterface, hidden }) => hostInterface !== "" && !hidden)
    ? Object.keys(config.ExposedPorts ?? {})
    : [];
}

const portKey = (port: PublishedPort) => `${port.containerPort}/${port.proto}`;
