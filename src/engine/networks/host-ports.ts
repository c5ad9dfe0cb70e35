/** Host ports: which one a container gets, and that nobody else has it. */
import { isIPv6 } from "node:net";
import { internal, invalid } from "../errors.ts";
import type { Connector, Endpoint, PublishedPort } from "../ports.ts";
import { gatewayMode } from "./bring-up.ts";
import type { HeldPort, PublishRule } from "./host-network.ts";
import type { NetworkState } from "./state.ts";

export type PortRequest = Parameters<Connector["prepare"]>[0]["ports"][number];
type Held = { rules: PublishRule[]; held: HeldPort[] };

/**
 * Hold host ports for an endpoint, all or none.
 * @param owner the container's name, for docker's texts
 * @throws EngineError "driver failed programming external connectivity on endpoint …"
 */
export async function holdPorts(
  state: NetworkState,
  {
    owner,
    endpoint,
    ports,
    defaultHostIp,
  }: { owner: string; endpoint: Endpoint; ports: PortRequest[]; defaultHostIp: string },
): Promise<Held> {
  const all: Held = { rules: [], held: [] };
  try {
    for (const request of ports) {
      const one = await holdOne(state, { endpoint, request, defaultHostIp, also: all.rules });
      all.rules.push(...one.rules);
      all.held.push(...one.held);
    }
    return all;
  } catch (cause) {
    await Promise.all(all.held.map((port) => port.close()));
    const text = cause instanceof Error ? cause.message : String(cause);
    throw internal(
      `driver failed programming external connectivity on endpoint ${owner} (${endpoint.endpointId}): ${text}`,
      cause,
    );
  }
}

type OneRequest = { endpoint: Endpoint; request: PortRequest; defaultHostIp: string; also: PublishRule[] };

/** Every host address of one publication gets the same port. */
async function holdOne(state: NetworkState, { endpoint, request, defaultHostIp, also }: OneRequest): Promise<Held> {
  const hostIps = hostAddresses(request.hostIp || defaultHostIp);
  if (isRouted(state, endpoint)) return { rules: routedRules(endpoint, request), held: [] };
  let refusal: unknown;
  for (const port of await candidates(state, request)) {
    const rules = hostIps.map((hostIp) => publishRule(endpoint, request, hostIp, port));
    const clash = rules.find((rule) => [...allRules(state), ...also].some((other) => isSamePort(rule, other)));
    if (clash) {
      refusal = new Error(`Bind for ${hostPort(clash)} failed: port is already allocated`);
      continue;
    }
    const taken: Held = { rules: [], held: [] };
    try {
      for (const rule of rules) {
        const held = await hold(state, endpoint, rule).catch((error: unknown) => {
          if (hostIps.length > 1 && lacksFamily(error)) return undefined;
          throw error;
        });
        if (held === undefined) continue;
        taken.held.push(held);
        taken.rules.push(rule);
      }
      return taken;
    } catch (error) {
      await Promise.all(taken.held.map((one) => one.close()));
      refusal = error;
    }
  }
  throw refusal;
}

/** Take the ports of a container that already runs (the engine was started again). What is taken by now stays redirected. */
export async function holdAgain(state: NetworkState, endpoint: Endpoint, ports: PublishedPort[]): Promise<Held> {
  const rules = ports.flatMap((port): PublishRule[] =>
    port.hostPort === 0
      ? routedRules(endpoint, port).filter(({ hostIp }) => hostIp === port.hostIp)
      : [publishRule(endpoint, port, port.hostIp, port.hostPort)],
  );
  const held: HeldPort[] = [];
  for (const rule of rules.filter(({ routed }) => !routed)) {
    try {
      held.push(await hold(state, endpoint, rule));
    } catch (error) {
      state.log(`published port: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { rules, held };
}

function isRouted(state: NetworkState, { networkId }: Endpoint): boolean {
  const record = state.networks.get(networkId)?.record;
  return record !== undefined && ([4, 6] as const).some((family) => gatewayMode(record, family) === "routed");
}

/** The container's own port lets others in; the host gives none, which is shown as port 0. */
function routedRules(
  endpoint: Endpoint,
  port: { proto: PublishedPort["proto"]; containerPort: number },
): PublishRule[] {
  return ["0.0.0.0", "::"]
    .map((hostIp) => ({ ...publishRule(endpoint, port, hostIp, 0), routed: true as const }))
    .filter(({ target }) => target !== "");
}

function publishRule(
  endpoint: Endpoint,
  port: { proto: PublishedPort["proto"]; containerPort: number },
  hostIp: string,
  number: number,
): PublishRule {
  const target = isIPv6(hostIp) ? endpoint.ipv6 : endpoint.ipv4;
  return { proto: port.proto, containerPort: port.containerPort, hostIp, hostPort: number, target };
}

async function hold(state: NetworkState, endpoint: Endpoint, rule: PublishRule): Promise<HeldPort> {
  const address = rule.target || endpoint.ipv4 || endpoint.ipv6;
  try {
    return await state.host.holdPort(rule, { address, port: rule.containerPort });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const why = BIND_ERRORS[code] ?? (cause instanceof Error ? cause.message : String(cause));
    throw new Error(
      `failed to bind host port for ${hostPort(rule)}:${address}:${rule.containerPort}/${rule.proto}: ${why}`,
      { cause },
    );
  }
}

/** A host without IPv6 publishes on 0.0.0.0 only, if nobody asked for more. */
function lacksFamily(error: unknown): boolean {
  const code = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? error.cause.code : "";
  return code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
}

const BIND_ERRORS: Record<string, string> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
};

function hostAddresses(hostIp: string): string[] {
  return hostIp === "" ? ["0.0.0.0", "::"] : [hostIp];
}

/** Where the search for a port that nobody named went on; as the kernel does, one does not give the last one again at once. */
let lastEphemeral = 0;

async function candidates(state: NetworkState, { hostPort: wanted }: PortRequest): Promise<Iterable<number>> {
  if (wanted === 0) {
    const [first, last] = await state.host.ephemeralPorts();
    const size = last - first + 1;
    const start = lastEphemeral >= first && lastEphemeral < last ? lastEphemeral + 1 : first;
    return (function* () {
      for (let step = 0; step < size; step++) {
        lastEphemeral = first + ((start - first + step) % size);
        yield lastEphemeral;
      }
    })();
  }
  const [first, last] = typeof wanted === "number" ? [wanted, wanted] : wanted;
  if (first < 1 || last > 65535 || last < first) throw invalid(`invalid port range: ${first}-${last}`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function* allRules(state: NetworkState): Generator<PublishRule> {
  for (const { rules } of state.reservations.values()) yield* rules.filter(({ routed }) => !routed);
}

function isSamePort(a: PublishRule, b: PublishRule): boolean {
  if (a.proto !== b.proto || a.hostPort !== b.hostPort || isIPv6(a.hostIp) !== isIPv6(b.hostIp)) return false;
  const any = (hostIp: string) => hostIp === "0.0.0.0" || hostIp === "::";
  return a.hostIp === b.hostIp || any(a.hostIp) || any(b.hostIp);
}

function hostPort(rule: PublishRule): string {
  return isIPv6(rule.hostIp) ? `[${rule.hostIp}]:${rule.hostPort}` : `${rule.hostIp}:${rule.hostPort}`;
}
