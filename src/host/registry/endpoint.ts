/** Where a repository is asked for: mirrors of Docker Hub first, then the registry itself; https, or http if insecure. */
import { BlockList, isIP } from "node:net";
import type { Connect } from "./connect.ts";
import { isLoopback } from "./connect.ts";

export type RegistryOptions = {
  /** --registry-mirror: base URLs, for docker.io only */
  mirrors: string[];
  /** --insecure-registry: host[:port] or CIDR */
  insecureRegistries: string[];
};
export type Endpoint = { base: URL; insecure: boolean; mirror: boolean };

const HUB = "docker.io";
const HUB_HOST = "registry-1.docker.io";

/** Loopback is insecure as in docker: whoever can listen there has the machine anyway. */
export function createEndpoints(connect: Connect, { mirrors, insecureRegistries }: RegistryOptions) {
  const blocks = blockList(insecureRegistries);
  const schemes = new Map<string, Promise<"https:" | "http:">>();

  function isInsecure(host: string): boolean {
    const url = new URL(`http://${host}`);
    const name = url.hostname.replace(/^\[|\]$/g, "");
    if (isLoopback(name) || insecureRegistries.includes(host) || insecureRegistries.includes(name)) return true;
    const family = isIP(name);
    return family !== 0 && blocks.check(name, family === 6 ? "ipv6" : "ipv4");
  }

  /** An insecure registry may speak either: https first, as docker tries. */
  function schemeOf(host: string): Promise<"https:" | "http:"> {
    const known = schemes.get(host);
    if (known) return known;
    const probe = connect({ method: "GET", url: new URL(`https://${host}/v2/`), headers: {}, insecure: true }).then(
      (response) => {
        response.resume();
        return "https:" as const;
      },
      (error: unknown) => {
        // Nobody there: ask again next time, when somebody may be.
        if (error instanceof Error && /connection refused|refused: this engine/.test(error.message))
          schemes.delete(host);
        return "http:" as const;
      },
    );
    schemes.set(host, probe);
    return probe;
  }

  return async function endpoints(domain: string): Promise<Endpoint[]> {
    const host = domain === HUB ? HUB_HOST : domain;
    const insecure = isInsecure(host);
    const scheme = insecure ? await schemeOf(host) : "https:";
    const own: Endpoint = { base: new URL(`${scheme}//${host}`), insecure, mirror: false };
    if (domain !== HUB) return [own];
    const first = mirrors.map((mirror) => {
      const base = new URL(mirror);
      return { base, insecure: isInsecure(base.host), mirror: true };
    });
    return [...first, own];
  };
}

function blockList(entries: string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address);
    if (family !== 0 && bits !== undefined) list.addSubnet(address, Number(bits), family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
