/** The image of the stand-in for testcontainers' Ryuk: busybox, its script, and a static C program that speaks HTTP. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { busyboxTar } from "../support/busybox.ts";
import { command } from "../support/command.ts";
import type { TestEngine } from "../support/engine.ts";
import { testProgram } from "../support/programs.ts";

const sources = join(import.meta.dirname, "ryuk");

/** Import it under the name. */
export async function importRyukStandIn(engine: TestEngine, name: string): Promise<void> {
  const outcome = await command("docker", ["import", "-c", 'CMD ["ryuk"]', "-c", "ENV PATH=/usr/bin:/bin", "-", name], {
    env: { DOCKER_HOST: engine.host },
    input: await withPrograms(await busyboxTar()),
  });
  if (outcome.code !== 0) throw new Error(`docker import: ${outcome.stderr}`);
}

async function withPrograms(root: Buffer): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "usr/bin/ask", mode: 0o755 }, readFileSync(testProgram("ryuk-ask")));
  archive.entry({ name: "usr/bin/ryuk", mode: 0o755 }, readFileSync(join(sources, "ryuk.sh")));
  archive.finalize();
  const BLOCK = 512;
  // The end of a tar archive is two empty blocks: another one goes in their place.
  let end = root.length;
  while (root.subarray(end - BLOCK, end).every((byte) => byte === 0)) end -= BLOCK;
  return Buffer.concat([root.subarray(0, end), await buffer(archive)]);
}
