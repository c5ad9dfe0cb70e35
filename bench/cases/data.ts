/** Bytes in and out: cp, a published port. */
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { until } from "../../tests/support/until.ts";
import { type Case, remove, start, timed } from "../case.ts";
import type { BenchEngine } from "../engines.ts";

const MB = 1_000_000;
const CP_BYTES = 64 * 1024 * 1024;
/** Sent either way: 512 MB. */
const CHUNK = Buffer.alloc(64_000);
const CHUNKS = 8_000;
const PORT = { dockerd: 41713, cloche: 41714 };

export const data: Case[] = [
  {
    name: "cp of 64 MB",
    runs: 5,
    unit: "ms",
    aim: { in: 2, out: 2 },
    async before(engine) {
      writeFileSync(join(engine.scratch, "in"), randomBytes(CP_BYTES));
      await start(engine, "beside");
    },
    async measure(engine) {
      const [from, to] = [join(engine.scratch, "in"), join(engine.scratch, "out")];
      rmSync(to, { force: true });
      return {
        in: await timed(() => engine.docker("cp", from, "beside:/tmp/file")),
        out: await timed(() => engine.docker("cp", "beside:/tmp/file", to)),
      };
    },
    after: (engine) => remove(engine, "beside"),
  },
  {
    name: "published port on loopback",
    runs: 5,
    unit: "MB/s",
    more: true,
    aim: { received: 1, sent: 1 },
    async before(engine) {
      const port = PORT[engine.name];
      // What is sent first says which way it goes; `dd` sees the socket itself.
      const serve = `read way; case $way in get) exec dd if=/dev/zero bs=64000 count=${CHUNKS};; *) exec cat >/dev/null;; esac`;
      const words = ["nc", "-ll", "-p", "80", "-e", "sh", "-c", serve];
      await engine.docker("run", "-d", "--name", "serve", "-p", `127.0.0.1:${port}:80`, "busybox", ...words);
      await until(async () => (await transfer(engine, "get").catch(() => 0)) > 0, { what: `port ${port} serves` });
    },
    measure: async (engine) => ({ received: await transfer(engine, "get"), sent: await transfer(engine, "put") }),
    after: (engine) => remove(engine, "serve"),
  },
];

/** @returns MB/s */
async function transfer(engine: BenchEngine, way: "get" | "put"): Promise<number> {
  const socket = connect(PORT[engine.name], "127.0.0.1");
  const sent = [`${way}\n`, ...(way === "put" ? Array(CHUNKS).fill(CHUNK) : [])];
  let bytes = way === "put" ? CHUNKS * CHUNK.length : 0;
  const began = performance.now();
  await Promise.all([
    pipeline(Readable.from(sent), socket, { end: way === "put" }),
    pipeline(socket, async (received) => {
      for await (const chunk of received) bytes += chunk.length;
    }),
  ]);
  return bytes / MB / ((performance.now() - began) / 1000);
}
