import { createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Cli } from "../cli.ts";
import { CliError, textOf } from "../errors.ts";
import { copy } from "./demux.ts";

/** An archive to a file (which appears only when it is whole) or to stdout, if that is no terminal. */
export async function saveBody(
  cli: Cli,
  path: string,
  verb: "save" | "export",
  ask: () => Promise<IncomingMessage>,
): Promise<void> {
  if (path === "") {
    if (cli.out.isTTY) throw new CliError("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    return copy(await ask(), cli.out);
  }
  const folder = dirname(path);
  if (!existsSync(folder))
    throw new CliError(
      `failed to ${verb} ${verb === "save" ? "image" : "container"}: invalid output path: stat ${folder}: no such file or directory`,
    );
  if (existsSync(path) && statSync(path).isDirectory())
    throw new CliError(
      `failed to ${verb} ${verb === "save" ? "image" : "container"}: invalid output path: ${JSON.stringify(path)} is a directory`,
    );
  const body = await ask();
  const partial = existsSync(path) && !statSync(path).isFile() ? path : `${path}.part`;
  try {
    await pipeline(body, createWriteStream(partial, { mode: 0o600 }));
    if (partial !== path) renameSync(partial, path);
  } catch (error) {
    if (partial !== path) rmSync(partial, { force: true });
    throw new CliError(textOf(error));
  }
}
