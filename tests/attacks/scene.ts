/** What the attack tests share: an engine to attack, hostile images, the attacker's program, the API without a client's manners. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { extract, type Header, pack } from "tar-stream";
import { busyboxTar } from "../support/busybox.ts";
import type { TestEngine } from "../support/engine.ts";
import { testProgram } from "../support/programs.ts";
import { patience } from "../support/until.ts";

/** An entry of an image's archive; its text makes it a file. */
export type Entry = Partial<Header> & { name: string } & { text?: string | Buffer };

/** The program of attacker.c, static, as bytes for an image. */
export function attackerProgram(): Buffer {
  return readFileSync(testProgram("attacker"));
}

/**
 * Import busybox with the attacker's program, changed by the entries: one of a name that is there already replaces it, and
 * all that lay below it.
 * @param changes Dockerfile instructions for the image's configuration
 */
export async function hostileImage(
  engine: TestEngine,
  name: string,
  entries: Entry[] = [],
  changes: string[] = [],
): Promise<void> {
  const query = new URLSearchParams({ fromSrc: "-", repo: name });
  for (const change of ['CMD ["sh"]', "ENV PATH=/bin", ...changes]) query.append("changes", change);
  const root = await changedRoot([{ name: "bin/attacker", mode: 0o755, text: attackerProgram() }, ...entries]);
  const { status, text } = await call(engine, "POST", `/images/create?${query}`, root);
  if (status !== 200 || text.includes('"error"')) throw new Error(`import: ${text}`);
}

async function changedRoot(entries: Entry[]): Promise<Buffer> {
  const replaced = entries.map(({ name }) => name.replace(/\/$/, ""));
  const archive = pack();
  const whole = buffer(archive);
  const source = extract();
  source.end(await busyboxTar());
  for await (const entry of source) {
    const here = entry.header.name.replace(/\/$/, "");
    const body = await buffer(entry);
    if (!replaced.some((name) => here === name || here.startsWith(`${name}/`))) archive.entry(entry.header, body);
  }
  for (const { text, ...header } of entries) {
    if (text === undefined) archive.entry(header);
    else archive.entry({ mode: 0o644, ...header }, text);
  }
  archive.finalize();
  return await whole;
}

export type Reply = { status: number; text: string };

/** One request; a body that is neither text nor bytes is sent as JSON. */
export function call(engine: TestEngine, method: string, path: string, body?: unknown): Promise<Reply> {
  const raw = body === undefined || typeof body === "string" || Buffer.isBuffer(body);
  const text = raw ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const type = Buffer.isBuffer(body) ? "application/x-tar" : "application/json";
    const headers = text === undefined ? {} : { "Content-Type": type };
    const sent = request({ socketPath: engine.socket, method, path, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode ?? 0, text: (await buffer(response)).toString() });
    });
    sent.once("error", reject);
    sent.end(text);
  });
}

/** Send bytes as they are. @returns all that comes back until the engine closes, or what came in the time given */
export function raw(engine: TestEngine, bytes: string | Buffer, milliseconds = 10_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(engine.socket);
    let text = "";
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(done, milliseconds * patience);
    socket.on("data", (data) => (text += data)).on("close", done);
    socket.on("error", () => {}); // a reset is an answer too
    socket.write(bytes);
  });
}

/** Does the engine still serve everybody else? */
export async function alive(engine: TestEngine): Promise<boolean> {
  return (await call(engine, "GET", "/_ping")).text === "OK";
}

/** Create and start by the API, which takes a part of the CLI's time. @returns the status of what failed, or 204 */
export async function start(engine: TestEngine, body: object): Promise<Reply & { id: string }> {
  const created = await call(engine, "POST", "/containers/create", body);
  if (created.status !== 201) return { id: "", ...created };
  const { Id: id } = JSON.parse(created.text);
  return { id, ...(await call(engine, "POST", `/containers/${id}/start`)) };
}

export async function remove(engine: TestEngine, id: string): Promise<void> {
  if (id) await call(engine, "DELETE", `/containers/${id}?force=1&v=1`);
}

/** Run to the end. @returns the exit code, or the status of a refused create or start as `refused` */
export async function run(
  engine: TestEngine,
  body: object,
): Promise<{ code: number; output: string; refused?: number }> {
  const { id, status, text } = await start(engine, { Tty: true, ...body });
  try {
    if (status !== 204) return { code: 125, output: text, refused: status };
    const ended = JSON.parse((await call(engine, "POST", `/containers/${id}/wait`)).text);
    const { text: output } = await call(engine, "GET", `/containers/${id}/logs?stdout=1&stderr=1`);
    return { code: ended.StatusCode, output: output.replaceAll("\r", "") };
  } finally {
    await remove(engine, id);
  }
}
