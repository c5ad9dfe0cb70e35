/** Reach a monitor by its socket. */
import { createConnection, type Socket } from "node:net";
import { notFound } from "../../engine/errors.ts";

/** Nobody there any more: no file, or a file that nobody listens on. */
const absent = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET"]);

/** @throws EngineError not-found when no monitor listens there */
export function connectMonitor(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const refuse = (error: NodeJS.ErrnoException) =>
      reject(absent.has(error.code ?? "") ? notFound(`no monitor listens on ${path}`) : error);
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      resolve(socket);
    });
  });
}
