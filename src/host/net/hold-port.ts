/**
 * A host port held for a container: bound, so that nobody else can take it, and carried to the container by this
 * process where no nft rule does: IPv6 clients of an IPv4 container, and the seconds after a foreign flush; decision 0030.
 */
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { connect, createServer, isIPv6, type Socket } from "node:net";
import type { HeldPort } from "../../engine/networks/host-network.ts";
import type { PublishedPort } from "../../engine/ports.ts";

type Target = { address: string; port: number };

/** A UDP client's way to the container is forgotten after this silence, as in docker-proxy. */
const UDP_IDLE_MS = 90_000;
const MAX_UDP_CLIENTS = 1024;

/**
 * @throws Error with the code of bind(2)
 * Node has no SCTP sockets: such ports are redirected by nft only.
 */
export async function holdPort(port: PublishedPort, target: Target): Promise<HeldPort> {
  if (port.proto === "tcp") return await holdTcp(port, target);
  if (port.proto === "udp") return await holdUdp(port, target);
  return { close: async () => {} };
}

async function holdTcp(port: PublishedPort, target: Target): Promise<HeldPort> {
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const inner = connect({ host: target.address, port: target.port, allowHalfOpen: true });
    for (const [from, to] of [
      [client, inner],
      [inner, client],
    ] as const) {
      clients.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        clients.delete(from);
        if (from.readableEnded) return;
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen({ host: port.hostIp, port: port.hostPort, ipv6Only: isIPv6(port.hostIp) }, done);
  });
  server.on("error", () => {});
  server.unref();
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const client of clients) client.destroy();
      }),
  };
}

async function holdUdp(port: PublishedPort, target: Target): Promise<HeldPort> {
  const family = (address: string) => (isIPv6(address) ? "udp6" : "udp4");
  const outer = createSocket({ type: family(port.hostIp), ipv6Only: isIPv6(port.hostIp) });
  const inners = new Map<string, { socket: Datagrams; timer: NodeJS.Timeout }>();
  const forget = (key: string) => {
    const inner = inners.get(key);
    if (!inner) return;
    clearTimeout(inner.timer);
    inner.socket.close();
    inners.delete(key);
  };
  outer.on("message", (data, from) => {
    const key = `${from.address} ${from.port}`;
    let inner = inners.get(key);
    if (inner === undefined) {
      if (inners.size >= MAX_UDP_CLIENTS) return;
      const socket = createSocket(family(target.address));
      socket.on("message", (answer) => outer.send(answer, from.port, from.address));
      socket.on("error", () => forget(key));
      inner = { socket, timer: setTimeout(() => forget(key), UDP_IDLE_MS).unref() };
      inners.set(key, inner);
    }
    inner.timer.refresh();
    inner.socket.send(data, target.port, target.address, () => {});
  });
  await new Promise<void>((done, fail) => {
    outer.once("error", fail);
    outer.bind({ address: port.hostIp, port: port.hostPort, exclusive: true }, done);
  });
  outer.on("error", () => {});
  outer.unref();
  return {
    close: () =>
      new Promise((done) => {
        for (const key of [...inners.keys()]) forget(key);
        outer.close(() => done());
      }),
  };
}
