import { isIP } from "node:net";
import type { PortMap } from "../../wire/container.ts";

type Exposed = Record<string, Record<string, never>>;
type Range = { first: number; last: number };

/** -p and --expose as the API has them. @throws in docker's words */
export function portsOf(publish: string[], expose: string[]): { exposed: Exposed; bindings: PortMap } {
  const exposed: Exposed = {};
  const bindings: PortMap = {};
  for (const spec of publish) publishOne(spec.includes("=") ? fromKeys(spec) : spec, exposed, bindings);
  for (const spec of expose) {
    if (spec.includes(":")) throw new Error(`invalid port format for --expose: ${spec}`);
    const [port = "", protocol = "tcp"] = spec.split("/");
    const range = rangeOf(port);
    if (!range) throw new Error(`invalid range format for --expose: ${spec}, error: ${rangeProblem(port)}`);
    for (let n = range.first; n <= range.last; n++) exposed[`${n}/${protocol}`] = {};
  }
  return { exposed, bindings };
}

/** "published=80,target=8080,protocol=udp" as the short form. */
function fromKeys(spec: string): string {
  const params: Record<string, string> = { protocol: "tcp", published: "", target: "" };
  for (const param of spec.split(",")) {
    const [key = "", value] = param.split("=");
    if (value === undefined) throw new Error(`invalid publish opts format (should be name=value but got '${param}')`);
    params[key] = value;
  }
  return `${params.published}:${params.target}/${params.protocol}`;
}

function publishOne(spec: string, exposed: Exposed, bindings: PortMap): void {
  const slash = spec.lastIndexOf("/");
  const protocol = slash < 0 ? "tcp" : spec.slice(slash + 1).toLowerCase() || "tcp";
  const body = slash < 0 ? spec : spec.slice(0, slash);
  const [, ip = "", hostPort = "", containerPort = ""] =
    /^(?:(?:(\[[^\]]*\]|[^:]*|[0-9a-fA-F:]+):)?([^:]*):)?([^:]*)$/.exec(body) ?? [];
  const address = ip.replace(/^\[(.*)\]$/, "$1");
  if (address !== "" && !isIP(address)) throw new Error(`invalid IP address: ${address}`);
  if (containerPort === "") throw new Error(`no port specified: ${spec}<empty>`);
  const inside = rangeOf(containerPort);
  if (!inside) throw new Error(`invalid containerPort: ${containerPort}`);
  const outside = hostPort === "" ? undefined : rangeOf(hostPort);
  if (hostPort !== "" && !outside) throw new Error(`invalid hostPort: ${hostPort}`);
  const size = inside.last - inside.first;
  // A range outside for one port inside: the engine takes a free one of it.
  const choose = outside && size === 0 && outside.last > outside.first;
  if (outside && !choose && outside.last - outside.first !== size)
    throw new Error(`invalid ranges specified for container and host Ports: ${containerPort} and ${hostPort}`);
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw new Error(`invalid proto: ${protocol}`);
  for (let i = 0; i <= size; i++) {
    const key = `${inside.first + i}/${protocol}`;
    const port = !outside ? "" : choose ? hostPort : String(outside.first + i);
    exposed[key] = {};
    bindings[key] = [...(bindings[key] ?? []), { HostIp: address, HostPort: port }];
  }
}

function rangeOf(text: string): Range | undefined {
  if (rangeProblem(text) !== "") return undefined;
  const [first = "", last = first] = text.split("-");
  return { first: Number(first), last: Number(last) };
}

function rangeProblem(text: string): string {
  if (text === "") return "empty string specified for ports";
  const parts = text.split("-");
  for (const part of parts.slice(0, 2)) {
    if (!/^\d+$/.test(part)) return `strconv.ParseUint: parsing ${JSON.stringify(part)}: invalid syntax`;
    if (Number(part) > 65535) return `strconv.ParseUint: parsing ${JSON.stringify(part)}: value out of range`;
  }
  if (parts.length > 2) return `strconv.ParseUint: parsing ${JSON.stringify(parts.slice(1).join("-"))}: invalid syntax`;
  return Number(parts[1] ?? parts[0]) < Number(parts[0]) ? `invalid range specified for port: ${text}` : "";
}
