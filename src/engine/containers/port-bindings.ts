/** Docker's port texts: "80/tcp", and host ports "8080" or "8000-8010". */
import type { HostConfig, PortMap } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

export type Proto = "tcp" | "udp" | "sctp";
export type PortRequest = { proto: Proto; containerPort: number; hostIp: string; hostPort: number | [number, number] };

/** Throws invalid. */
export function validatePorts(bindings: PortMap, exposed: Record<string, object>): void {
  portRequests({ PortBindings: bindings, PublishAllPorts: false }, {});
  for (const port of Object.keys(exposed)) parsePort(port);
}

/** "80/tcp", "80". Throws invalid. */
export function parsePort(text: string): { port: number; proto: Proto } {
  const [number = "", proto = "tcp"] = text.split("/");
  if (!/^\d{1,5}$/.test(number) || Number(number) > 65535 || Number(number) < 1) {
    throw invalid(`invalid port specification: "${number}"`);
  }
  if (proto !== "tcp" && proto !== "udp" && proto !== "sctp") throw invalid(`invalid proto: ${proto}`);
  return { port: Number(number), proto };
}

/**
 * The ports to publish: those bound, and with --publish-all every other exposed one on a port of the engine's choice (0).
 * Throws invalid.
 */
export function portRequests(
  host: Pick<HostConfig, "PortBindings" | "PublishAllPorts">,
  exposed: Record<string, object>,
): PortRequest[] {
  const requests: PortRequest[] = [];
  const bound = new Set<string>();
  for (const [key, bindings] of Object.entries(host.PortBindings)) {
    const { port, proto } = parsePort(key);
    bound.add(`${port}/${proto}`);
    for (const { HostIp, HostPort } of bindings?.length ? bindings : [{ HostIp: "", HostPort: "" }]) {
      requests.push({ proto, containerPort: port, hostIp: HostIp, hostPort: parseHostPort(HostPort) });
    }
  }
  if (host.PublishAllPorts) {
    for (const key of Object.keys(exposed)) {
      const { port, proto } = parsePort(key);
      if (!bound.has(`${port}/${proto}`)) requests.push({ proto, containerPort: port, hostIp: "", hostPort: 0 });
    }
  }
  return requests;
}

function parseHostPort(text: string): number | [number, number] {
  if (text === "") return 0;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || last > 65535 || last < first) throw invalid(`invalid port specification: "${text}"`);
  return last === first ? first : [first, last];
}
