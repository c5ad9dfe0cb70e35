/** The embedded DNS: one server a network, on its gateway's address; how containers reach it is told in decision 0031. */
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { createServer, type Server } from "node:net";
import type { ContainerRecord, ContainerStore } from "../../engine/containers/container.ts";
import type { NameGovernor, NameServers } from "../../engine/networks/name-servers.ts";
import type { NetworkRecord } from "../../engine/networks/network.ts";
import { type Resolved, resolveName, resolvePointer } from "../../engine/networks/resolve-names.ts";
import { addressesIn, type Query, RCODE, readQuery, writeAnswer, writeError } from "./dns-answer.ts";
import { forward, frame } from "./dns-forward.ts";

export type DnsOptions = {
  store: Pick<ContainerStore, "all">;
  /** Name servers for what is not ours: the container's own (--dns), or the host's. */
  upstreams: (container: ContainerRecord | undefined) => string[];
  log: (message: string) => void;
};

const MAX_TCP_BYTES = 65_535;
const TCP_IDLE_MS = 10_000;
const MAX_TCP_CLIENTS = 100;

export function createDnsServers(options: DnsOptions): NameServers {
  let governor: NameGovernor | undefined;
  const servers = new Map<string, { address: string; port: number; close: () => void }>();
  const stop = (id: string) => {
    servers.get(id)?.close();
    servers.delete(id);
  };
  return {
    async start(record) {
      const address = record.subnets.find(({ subnet }) => !subnet.includes(":"))?.gateway;
      if (address === undefined || servers.has(record.id)) return;
      const rotation = { turn: 0 };
      const answer = (message: Buffer, from: string, transport: "udp" | "tcp") =>
        answerQuery({ ...options, governor }, { record, message, from, transport, rotation });
      servers.set(record.id, { address, ...(await listen(address, answer)) });
    },
    stop: async (id) => stop(id),
    govern(by) {
      governor = by;
    },
    listening: (id) => servers.get(id),
    close: async () => {
      for (const id of [...servers.keys()]) stop(id);
    },
  };
}

type Asked = {
  record: NetworkRecord;
  message: Buffer;
  from: string;
  transport: "udp" | "tcp";
  rotation: { turn: number };
};

/** @returns undefined: no answer, for noise */
async function answerQuery(
  options: DnsOptions & { governor: NameGovernor | undefined },
  asked: Asked,
): Promise<Buffer | undefined> {
  const query = readQuery(asked.message);
  if (query === undefined) return undefined;
  const records = options.store.all().map((container) => container.record);
  const client = records.find(({ endpoints }) =>
    endpoints.some(({ networkId, ipv4 }) => networkId === asked.record.id && ipv4 === asked.from),
  );
  // A container that is just being started is not recorded yet: it sees at least this network.
  const networkIds = new Set([asked.record.id, ...(client?.endpoints.map(({ networkId }) => networkId) ?? [])]);
  const maxBytes = asked.transport === "tcp" ? MAX_TCP_BYTES : query.maxBytes;
  const known = resolve(records, networkIds, { ...query, name: linkedName(client, query.name) });
  if (known) return writeAnswer(query, rotate(known, asked.rotation), maxBytes);
  const { governor } = options;
  const { id } = asked.record;
  if (governor?.refuses(id, asked.from, query.name)) return writeError(query, RCODE.REFUSED);
  // CVE-2024-29018: an internal network must not carry data out by DNS.
  const leadsOut = client?.endpoints.some(({ internal, networkId }) => !internal && networkId !== asked.record.id);
  const upstreams = asked.record.internal && !leadsOut ? [] : options.upstreams(client);
  const answer = await forward(asked.message, upstreams, asked.transport);
  if (answer && governor) {
    const addresses = addressesIn(answer);
    if (addresses.length > 0) await governor.opened(id, asked.from, { name: query.name, addresses });
  }
  return answer ?? writeError(query, RCODE.SERVFAIL);
}

/** `--link db:database` on a network of one's own: an alias that only this container knows. */
function linkedName(client: ContainerRecord | undefined, name: string): string {
  const links = Object.values(client?.networking ?? {}).flatMap(({ Links }) => Links ?? []);
  const wanted = name.toLowerCase();
  const link = links.map((text) => text.split(":")).find(([, alias]) => alias?.toLowerCase() === wanted);
  return link?.[0] ?? name;
}

function resolve(records: ContainerRecord[], networkIds: Set<string>, { name, type }: Query): Resolved {
  if (type === "A") return resolveName(records, networkIds, { name, family: 4 });
  if (type === "AAAA") return resolveName(records, networkIds, { name, family: 6 });
  if (type === "PTR") return resolvePointer(records, networkIds, name);
  // Other records of a name that is ours: there are none, and nobody else is to be asked for them.
  return resolveName(records, networkIds, { name, family: 4 }) && [];
}

/** Round robin: each answer begins with another one of several. */
function rotate(values: string[], rotation: { turn: number }): string[] {
  if (values.length < 2) return values;
  const start = rotation.turn++ % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

type AnswerFunction = (message: Buffer, from: string, transport: "udp" | "tcp") => Promise<Buffer | undefined>;

/** UDP and TCP on the same port, which the kernel chooses. */
async function listen(address: string, answer: AnswerFunction): Promise<{ port: number; close: () => void }> {
  for (let attempt = 0; ; attempt++) {
    const datagrams = await listenUdp(address, answer);
    const { port } = datagrams.address();
    try {
      const stream = await listenTcp(address, port, answer);
      return {
        port,
        close() {
          datagrams.close();
          stream.close();
        },
      };
    } catch (error) {
      datagrams.close();
      if (attempt >= 10) throw error;
    }
  }
}

async function listenUdp(address: string, answer: AnswerFunction): Promise<Datagrams> {
  const socket = createSocket("udp4");
  socket.on("message", async (message, from) => {
    const reply = await answer(message, from.address, "udp").catch(() => undefined);
    // Closed meanwhile, or the client is gone: nobody waits for it.
    if (reply) socket.send(reply, from.port, from.address, () => {});
  });
  await new Promise<void>((done, fail) => {
    socket.once("error", fail);
    socket.bind({ address, port: 0, exclusive: true }, done);
  });
  socket.on("error", () => {});
  socket.unref();
  return socket;
}

async function listenTcp(address: string, port: number, answer: AnswerFunction): Promise<Server> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("data", async (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE();
        const message = received.subarray(2, end);
        received = received.subarray(end);
        const reply = await answer(message, socket.remoteAddress ?? "", "tcp").catch(() => undefined);
        if (reply === undefined) return socket.destroy();
        socket.write(frame(reply));
      }
    });
  });
  server.maxConnections = MAX_TCP_CLIENTS;
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen({ host: address, port }, done);
  });
  server.on("error", () => {});
  server.unref();
  return server;
}
