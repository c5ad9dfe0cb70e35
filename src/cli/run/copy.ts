import { spawn } from "node:child_process";
import { lstatSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { basename, dirname, join, posix, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isErrno } from "../../lib/errno.ts";
import { type Cli, complain } from "../cli.ts";
import { slug } from "../each.ts";
import { CliError, isNotFound } from "../errors.ts";
import { copy } from "../streams/demux.ts";
import { humanSize } from "../text/size.ts";

type Options = { archive: boolean; followLink: boolean; quiet: boolean };
type PathStat = { name: string; size: number; mode: number; linkTarget: string };

/** "name:/path" names a container; "./a:b" and "/a:b" are paths here. */
export function splitPath(text: string): { container?: string; path: string } {
  const at = text.indexOf(":");
  if (at <= 0 || text.startsWith("/") || text.startsWith(".")) return { path: text };
  return { container: text.slice(0, at), path: text.slice(at + 1) };
}

const GO_DIRECTORY = 2 ** 31;
const GO_SYMLINK = 2 ** 27;

export async function copyFromContainer(
  cli: Cli,
  container: string,
  path: string,
  to: string,
  options: Options,
): Promise<undefined> {
  const source = options.followLink ? await followLink(cli, container, path) : path;
  const archive = await cli.engine.open("GET", `/containers/${slug(container)}/archive`, { query: { path: source } });
  if (to === "-") {
    if (cli.out.isTTY) throw new CliError("refusing to write an archive to a terminal");
    await copy(archive, cli.out);
    return undefined;
  }
  const stat = pathStat(archive);
  const isDirectory = (stat?.mode ?? 0) >= GO_DIRECTORY;
  const target = resolve(to);
  const here = kindOf(target);
  if (isDirectory && here === "file") throw new CliError(`cannot copy directory`);
  if (here === "none" && to.endsWith("/") && !isDirectory) throw new CliError("the destination directory must exist");
  if (here === "none" && kindOf(dirname(target)) === "none")
    throw new CliError(`invalid output path: directory ${JSON.stringify(dirname(target))} does not exist`);
  // The archive's first name is the source's own. It is unpacked beside the target, then takes its place: nothing that is
  // already there can lead it elsewhere, and half a copy never shows under the target's name.
  const contentsOnly = /(^|\/)\.$/.test(path);
  const name = stat?.name ?? posix.basename(source);
  const size = await unpack(archive, here === "directory" ? target : dirname(target), async (folder) => {
    const unpacked = join(folder, name === "/" ? "." : name);
    if (here === "directory" && contentsOnly) return merge(unpacked, target);
    await merge(unpacked, here === "directory" ? join(target, basename(unpacked)) : target);
  });
  report(cli, options, size, `Successfully copied %s to ${target}`);
  return undefined;
}

export async function copyToContainer(
  cli: Cli,
  container: string,
  from: string,
  to: string,
  options: Options,
): Promise<undefined> {
  const path = options.followLink || from === "-" ? to : to;
  const stat = await statIn(cli, container, await followLink(cli, container, path));
  const query = { path: "", noOverwriteDirNonDir: true, copyUIDGID: options.archive || undefined };
  if (from === "-") {
    if (!stat || stat.mode < GO_DIRECTORY) throw new CliError(`destination "${container}:${to}" must be a directory`);
    await cli.engine.text("PUT", `/containers/${slug(container)}/archive`, {
      query: { ...query, path: to },
      stream: cli.in,
    });
    return undefined;
  }
  const source = options.followLink ? realpathSync(from) : resolve(from);
  const kind = localKind(source);
  const target = await followLink(cli, container, to);
  const intoFolder = stat !== undefined && stat.mode >= GO_DIRECTORY;
  if (kind === "directory" && stat && !intoFolder) throw new CliError("cannot copy directory");
  if (!stat && to.endsWith("/") && kind === "file") throw new CliError("no such directory");
  const contentsOnly = /(^|\/)\.$/.test(from);
  const rename = intoFolder ? basename(source) : posix.basename(target.replace(/\/+$/, ""));
  const folder = intoFolder ? target : posix.dirname(target.replace(/\/+$/, ""));
  const archive = pack(source, contentsOnly && intoFolder ? "." : rename);
  await cli.engine.text("PUT", `/containers/${slug(container)}/archive`, {
    query: { ...query, path: folder },
    stream: archive.stream,
  });
  await archive.ended;
  report(cli, options, archive.size(), `Successfully copied %s to ${container}:${to}`);
  return undefined;
}

function report(cli: Cli, { quiet }: Options, size: number, text: string): void {
  if (!quiet && cli.err.isTTY) complain(cli, text.replace("%s", humanSize(size, 3)));
}

function kindOf(path: string): "none" | "file" | "directory" {
  try {
    return statSync(path).isDirectory() ? "directory" : "file";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "none";
    throw error;
  }
}

function localKind(path: string): "file" | "directory" {
  try {
    return lstatSync(path).isDirectory() ? "directory" : "file";
  } catch (error) {
    if (isErrno(error, "ENOENT")) throw new CliError(`lstat ${path}: no such file or directory`);
    throw error;
  }
}

function pathStat(reply: IncomingMessage): PathStat | undefined {
  const header = reply.headers["x-docker-container-path-stat"];
  return typeof header === "string" ? JSON.parse(Buffer.from(header, "base64").toString()) : undefined;
}

async function statIn(cli: Cli, container: string, path: string): Promise<PathStat | undefined> {
  try {
    const reply = await cli.engine.open("HEAD", `/containers/${slug(container)}/archive`, { query: { path } });
    reply.resume();
    return pathStat(reply);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    // Which of the two is missing? A container that is not there has no answer to this either.
    await cli.engine.text("GET", `/containers/${slug(container)}/json`);
    return undefined;
  }
}

/** Where a link in the container leads to; the engine has resolved it inside the container. */
async function followLink(cli: Cli, container: string, path: string): Promise<string> {
  const stat = await statIn(cli, container, path);
  if (!stat || Math.trunc(stat.mode / GO_SYMLINK) % 2 === 0) return path;
  return posix.isAbsolute(stat.linkTarget) ? stat.linkTarget : posix.join(posix.dirname(path), stat.linkTarget);
}

/** tar of the machine: it keeps links, modes and times, and never follows a link out of the folder that it unpacks in. */
async function unpack(archive: Readable, beside: string, place: (folder: string) => Promise<void>): Promise<number> {
  const folder = mkdtempSync(join(beside, ".cloche-cp-"));
  let size = 0;
  try {
    const tar = spawn("tar", ["-x", "-C", folder, "-f", "-"], { stdio: ["pipe", "inherit", "inherit"] });
    archive.on("data", (chunk: Buffer) => (size += chunk.length));
    const ended = exitOf(tar);
    await Promise.all([pipeline(archive, tar.stdin), ended]);
    await place(folder);
    return size;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Moves what was unpacked to its place, into folders that are there already. */
async function merge(from: string, to: string): Promise<void> {
  if (kindOf(to) === "none" || !lstatSync(from).isDirectory()) {
    if (kindOf(to) === "directory" && !lstatSync(from).isDirectory())
      throw new CliError(`cannot overwrite directory ${JSON.stringify(to)} with a file`);
    renameSync(from, to);
    return;
  }
  await exitOf(spawn("cp", ["-a", "-T", from, to], { stdio: ["ignore", "inherit", "inherit"] }));
}

/** An archive of a local path under another first name. */
function pack(source: string, name: string): { stream: Readable; ended: Promise<void>; size: () => number } {
  const base = basename(source);
  const args =
    name === "."
      ? ["-C", source, "."]
      : ["-C", dirname(source), `--transform=flags=rh;s,^${quoted(base)},${quoted(name)},`, base];
  const tar = spawn("tar", ["-c", "-f", "-", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let size = 0;
  tar.stdout.on("data", (chunk: Buffer) => (size += chunk.length));
  return { stream: tar.stdout, ended: exitOf(tar), size: () => size };
}

const quoted = (text: string) => text.replace(/[\\.*^$[\],&]/g, "\\$&");

function exitOf(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new CliError(`tar is needed to copy: ${error.message}`)));
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new CliError(`tar ended with status ${code}`))));
  });
}
