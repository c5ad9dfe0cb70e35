/** Ask the host's own name servers what the embedded one does not know. */
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";

const TIMEOUT_MS = 4000;
/** Queries under way at one time, docker's limit. */
const MAX_UNDER_WAY = 1024;
let underWay = 0;

/**
 * @param servers asked one after the other until one answers
 * @returns the answer as it came, with the query's id; undefined if nobody answered
 */
export async function forward(query: Buffer, servers: string[], transport: "udp" | "tcp"): Promise<Buffer | undefined> {
  if (underWay >= MAX_UNDER_WAY) return undefined;
  underWay++;
  try {
    for (const server of servers) {
      const answer = await (transport === "udp" ? askUdp : askTcp)(query, server).catch(() => undefined);
      if (answer) return answer;
    }
    return undefined;
  } finally {
    underWay--;
  }
}

function askUdp(query: Buffer, server: string): Promise<Buffer> {
  return new Promise((done, fail) => {
    const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
    const timer = setTimeout(() => end(new Error("timeout")), TIMEOUT_MS);
    const end = (result: Buffer | Error) => {
      clearTimeout(timer);
      socket.close();
      if (result instanceof Error) fail(result);
      else done(result);
    };
    socket.once("error", end);
    socket.on("message", (message) => {
      // Connected: only that server is heard. The id guards against an answer to somebody else's query.
      if (message.length >= 12 && message.readUInt16BE() === query.readUInt16BE()) end(message);
    });
    socket.connect(53, server, () => socket.send(query));
  });
}

function askTcp(query: Buffer, server: string): Promise<Buffer> {
  return new Promise((done, fail) => {
    const socket = connect({ host: server, port: 53, timeout: TIMEOUT_MS });
    let received = Buffer.alloc(0);
    socket.once("connect", () => socket.write(frame(query)));
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
      done(received.subarray(2, 2 + received.readUInt16BE()));
      socket.destroy();
    });
    socket.once("timeout", () => socket.destroy(new Error("timeout")));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("closed")));
  });
}

/** RFC 1035, 4.2.2: over TCP a message has its length before it. */
export function frame(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
