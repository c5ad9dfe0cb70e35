/** A connection to the message bus, or to systemd itself: calls out, answers in. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { type DbusMessage, decodeMessage, encodeCall, type MethodCall } from "../../kernel/dbus.ts";

export type Bus = {
  /** @throws DbusError when the other side refuses, Error when the connection breaks */
  call(call: MethodCall): Promise<void>;
  close(): void;
};

/** What a peer answers instead of a result; `name` is D-Bus's, such as org.freedesktop.systemd1.UnitExists. */
export class DbusError extends Error {
  override readonly name: string;
  constructor(name: string, text: string) {
    super(text || name);
    this.name = name;
  }
}

const ANSWER_SECONDS = 25;

/**
 * @param path of the socket
 * @param hello say Hello first: a bus wants it, a peer that one talks to directly does not know it
 * @throws Error when nobody listens or we are not let in
 */
export async function connectBus(path: string, hello: boolean): Promise<Bus> {
  const socket = createConnection(path);
  await once(socket, "connect");
  socket.on("error", () => {}); // "close" follows
  try {
    await authenticate(socket);
    const bus = callsOver(socket);
    if (hello) await bus.call(HELLO);
    return bus;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

const HELLO: MethodCall = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "Hello",
  signature: "",
  body: [],
};

/** The kernel tells the other side who we are; what we say has to agree (D-Bus Specification, "EXTERNAL"). */
async function authenticate(socket: Socket): Promise<void> {
  const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  let answer = "";
  while (!answer.includes("\r\n")) {
    const [chunk] = await Promise.race([once(socket, "data"), once(socket, "close").then(() => [undefined])]);
    if (chunk === undefined) throw new Error("the message bus has closed the connection");
    answer += String(chunk);
  }
  if (!answer.startsWith("OK ")) throw new Error(`the message bus lets us not in: ${answer.trim()}`);
  socket.write("BEGIN\r\n");
}

function callsOver(socket: Socket): Bus {
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  let serial = 0;
  let bytes: Buffer = Buffer.alloc(0);
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const take = (message: DbusMessage) => {
    const call = waiting.get(message.replyTo);
    if (!call || (message.type !== "return" && message.type !== "error")) return; // a signal that nobody asked for
    waiting.delete(message.replyTo);
    if (waiting.size === 0) socket.unref();
    if (message.type === "return") call.resolve();
    else call.reject(new DbusError(message.errorName, message.text));
  };
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (let next = decodeMessage(bytes); next; next = decodeMessage(bytes)) {
        bytes = bytes.subarray(next.length);
        take(next.message);
      }
    } catch (error) {
      socket.destroy(error as Error);
      failAll(error as Error);
    }
  });
  socket.on("close", () => failAll(new Error("the message bus has closed the connection")));
  socket.unref();
  return {
    call(call) {
      if (socket.destroyed) return Promise.reject(new Error("the message bus has closed the connection"));
      const answer = Promise.withResolvers<void>();
      const number = ++serial;
      waiting.set(number, answer);
      socket.ref();
      socket.write(encodeCall(call, number));
      const timer = setTimeout(() => {
        waiting.delete(number);
        answer.reject(new Error(`${call.member}: no answer in ${ANSWER_SECONDS} s`));
      }, ANSWER_SECONDS * 1000).unref();
      return answer.promise.finally(() => clearTimeout(timer));
    },
    close: () => socket.destroy(),
  };
}
