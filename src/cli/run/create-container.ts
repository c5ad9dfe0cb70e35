import { rmSync, writeFileSync } from "node:fs";
import { isErrno } from "../../lib/errno.ts";
import { type Cli, complain } from "../cli.ts";
import { encodeAuth, registryAuth } from "../engine/config-file.ts";
import { isNotFound } from "../errors.ts";
import type { CreateBody } from "../options/create-body.ts";
import { showProgress } from "../streams/progress.ts";
import { platformOf } from "../text/platform.ts";
import { checkReference, familiarName, fullName } from "../text/reference.ts";

type Options = { name: string; platform: string; pull: string; quiet: boolean; cidfile: string };

export function checkPull(policy: string): void {
  if (!["always", "missing", "never", ""].includes(policy))
    throw new Error(`invalid pull option: '${policy}': must be one of "always", "missing" or "never"`);
}

/** Creates the container, pulling its image where the policy says so; warnings go to stderr. */
export async function createContainer(cli: Cli, body: CreateBody, options: Options): Promise<{ id: string }> {
  warnings(cli, body);
  if (!/^(sha256:)?[0-9a-f]{64}$/.test(body.Image)) checkReference(body.Image);
  const cid = cidFile(options.cidfile);
  try {
    if (options.platform) platformOf(options.platform);
    if (options.pull === "always") await pull(cli, body.Image, options);
    // Gone from the API since 1.42; older engines still take it.
    if (Number((await cli.engine.apiVersion()).split(".")[1]) >= 42) delete body.HostConfig.KernelMemory;
    body.HostConfig.ConsoleSize = [cli.out.rows ?? 0, cli.out.columns ?? 0];
    const reply = await create(cli, body, options);
    for (const warning of reply.Warnings ?? []) complain(cli, `WARNING: ${warning}`);
    cid.write(reply.Id);
    return { id: reply.Id };
  } finally {
    cid.close();
  }
}

async function create(cli: Cli, body: CreateBody, options: Options) {
  const ask = { query: { name: options.name || undefined, platform: options.platform || undefined }, body };
  type Created = { Id: string; Warnings?: string[] | null };
  try {
    return await cli.engine.post<Created>("/containers/create", ask);
  } catch (error) {
    // A network, a --volumes-from or a --pid container that is missing is 404 too: only then the image is not ours to pull.
    const isId = /^[0-9a-f]{64}$/.test(body.Image);
    if (!isNotFound(error) || isId || options.pull !== "missing") throw error;
    if (!options.quiet) complain(cli, `Unable to find image '${familiarName(body.Image)}' locally`);
    await pull(cli, body.Image, options);
    return cli.engine.post<Created>("/containers/create", ask);
  }
}

async function pull(cli: Cli, image: string, { platform, quiet }: Options): Promise<void> {
  const [name, tag] = splitReference(fullName(familiarName(image)));
  const reply = await cli.engine.open("POST", "/images/create", {
    query: { fromImage: name, tag, platform: platform || undefined },
    headers: { "X-Registry-Auth": registryAuth(cli.config, image) || encodeAuth({}) },
  });
  // stdout belongs to the container's id.
  await showProgress(reply, quiet ? undefined : cli.err);
}

/** "name:tag" or "name@digest" as the API's two parameters. */
export function splitReference(reference: string): [name: string, tag: string] {
  const at = reference.indexOf("@");
  if (at >= 0) return [reference.slice(0, at).replace(/:[^/:]*$/, ""), reference.slice(at + 1)];
  const colon = reference.lastIndexOf(":");
  return colon > reference.lastIndexOf("/") ? [reference.slice(0, colon), reference.slice(colon + 1)] : [reference, ""];
}

function warnings(cli: Cli, body: CreateBody): void {
  const local = body.HostConfig.Dns.find((address) => /^127\.|^::1$/.test(address));
  if (local) complain(cli, `WARNING: Localhost DNS setting (--dns=${local}) may fail in containers.`);
}

/** The file is claimed before the container is made, and removed if none was. */
function cidFile(path: string) {
  if (path === "") return { write() {}, close() {} };
  try {
    writeFileSync(path, "", { flag: "wx" });
  } catch (error) {
    if (isErrno(error, "EEXIST"))
      throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`);
    throw new Error(`failed to create the container ID file: ${error instanceof Error ? error.message : error}`);
  }
  let written = false;
  return {
    write(id: string) {
      writeFileSync(path, id);
      written = true;
    },
    close() {
      if (!written) rmSync(path, { force: true });
    },
  };
}
