/** What build sends: a directory as a tar archive without what .dockerignore names, or what comes on stdin. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { isErrno, readTextIfThere } from "../../lib/errno.ts";
import { readDockerignore } from "../../wire/dockerignore.ts";
import { CliError } from "../errors.ts";

export type Context = {
  /** the tar archive */
  stream: Readable;
  /** the Dockerfile's path in it */
  dockerfile: string;
  /** bytes of the archive so far */
  sent(): number;
};

const IGNORE = ".dockerignore";

/** @param input stdin: the context itself ("-" for the path), or the Dockerfile ("-" for the file) */
export async function buildContext(path: string, file: string, input: Readable): Promise<Context> {
  if (/^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(path)) {
    throw new CliError("a build's context by URL is not supported: fetch it, and build from the directory");
  }
  if (path === "-" && file === "-")
    throw new CliError("invalid argument: can't use stdin for both build context and dockerfile");
  if (path === "-") return contextFromInput(input, file);
  const directory = directoryOf(path);
  if (file === "-") return contextOf(directory, { outside: await buffer(input) });
  const place = resolve(file === "" ? join(directory, defaultName(directory)) : file);
  const inside = relative(directory, realOf(place));
  if (!inside.startsWith("..")) return contextOf(directory, { dockerfile: inside });
  return contextOf(directory, { outside: readFileSync(place) });
}

/** A tar archive, compressed or not, goes as it is; anything else is a Dockerfile, which needs nothing beside it. */
async function contextFromInput(input: Readable, file: string): Promise<Context> {
  const iterator = input[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  while (length < 512) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const head = Buffer.concat(first);
  if (!isArchive(head)) {
    if (file !== "") throw new CliError("ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) first.push(next.value);
    const folder = mkdtempSync(join(tmpdir(), "cloche-build-"));
    writeFileSync(join(folder, "Dockerfile"), Buffer.concat(first));
    return archive({ directory: folder, names: ["Dockerfile"], dockerfile: "Dockerfile", done: () => remove(folder) });
  }
  const stream = new PassThrough();
  stream.write(head);
  void (async () => {
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) stream.write(next.value);
      stream.end();
    } catch (error) {
      stream.destroy(error as Error);
    }
  })();
  return counted(stream, file === "" ? "Dockerfile" : file);
}

function isArchive(head: Buffer): boolean {
  const magics = [
    [0x1f, 0x8b],
    [0x42, 0x5a, 0x68],
    [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    [0x28, 0xb5, 0x2f, 0xfd],
  ];
  if (magics.some((magic) => head.subarray(0, magic.length).equals(Buffer.from(magic)))) return true;
  if (head.toString("latin1", 257, 262) === "ustar") return true;
  const sum = head.subarray(0, 512).reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  return head.length >= 512 && Number.parseInt(head.toString("latin1", 148, 156), 8) === sum;
}

function contextOf(directory: string, { dockerfile, outside }: { dockerfile?: string; outside?: Buffer }): Context {
  const name = dockerfile ?? `.dockerfile.${randomBytes(10).toString("hex")}`;
  const names = namesIn(directory, name);
  if (!outside) return archive({ directory, names, dockerfile: name });
  const folder = mkdtempSync(join(tmpdir(), "cloche-build-"));
  writeFileSync(join(folder, name), outside);
  return archive({ directory, names, dockerfile: name, beside: folder, done: () => remove(folder) });
}

/** Relative names, directories before what is in them. What the engine needs is sent even if it is ignored. */
function namesIn(directory: string, dockerfile: string): string[] {
  const rules = readDockerignore(readTextIfThere(join(directory, IGNORE)));
  const names: string[] = [];
  const visit = (below: string) => {
    for (const entry of readdirSync(join(directory, below), { withFileTypes: true })) {
      const name = below === "" ? entry.name : `${below}/${entry.name}`;
      const ignored = rules.ignores(name) && name !== IGNORE && name !== dockerfile;
      if (entry.isSocket()) continue;
      if (!ignored) names.push(name);
      const needed = !ignored || rules.hasExceptions || dockerfile.startsWith(`${name}/`);
      if (entry.isDirectory() && needed) visit(name);
    }
  };
  visit("");
  return names;
}

type Archive = { directory: string; names: string[]; dockerfile: string; beside?: string; done?: () => void };

/** By the host's tar; all is root's, as docker's client sends it. */
function archive({ directory, names, dockerfile, beside, done = () => {} }: Archive): Context {
  const words = ["--create", "--file=-", "--numeric-owner", "--owner=0", "--group=0", "--no-recursion"];
  const more = beside === undefined ? [] : [`--directory=${beside}`, `./${dockerfile}`];
  const tar = spawn(
    "tar",
    [...words, `--directory=${directory}`, "--null", "--verbatim-files-from", "--files-from=-", ...more],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  tar.stdin.on("error", () => {});
  tar.stdin.end(names.map((name) => `${name}\0`).join(""));
  let complaint = "";
  tar.stderr.on("data", (data: Buffer) => {
    if (complaint.length < 4096) complaint += data.toString();
  });
  const stream = new PassThrough();
  tar.stdout.pipe(stream, { end: false });
  tar.once("error", (error) => stream.destroy(new CliError(`cannot run tar: ${error.message}`)));
  tar.once("close", (code) => {
    done();
    if (code === 0) stream.end();
    else stream.destroy(new CliError(`cannot read the build context: ${complaint.trim()}`));
  });
  return counted(stream, dockerfile);
}

function counted(stream: Readable, dockerfile: string): Context {
  let sent = 0;
  const out = new PassThrough();
  stream.on("data", (data: Buffer) => (sent += data.length));
  stream.on("error", (error) => out.destroy(error));
  stream.pipe(out);
  return { stream: out, dockerfile, sent: () => sent };
}

function directoryOf(path: string): string {
  try {
    const directory = realpathSync(path);
    if (!statSync(directory).isDirectory())
      throw new CliError(`unable to prepare context: context must be a directory: ${directory}`);
    return directory;
  } catch (error) {
    if (isErrno(error, "ENOENT"))
      throw new CliError(`unable to prepare context: path ${JSON.stringify(path)} not found`);
    throw error;
  }
}

/** Some write it in lower case. */
function defaultName(directory: string): string {
  const names = readdirSync(directory);
  return !names.includes("Dockerfile") && names.includes("dockerfile") ? "dockerfile" : "Dockerfile";
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    const why = `lstat ${path}: no such file or directory`;
    throw new CliError(`unable to prepare context: unable to evaluate symlinks in Dockerfile path: ${why}`);
  }
}

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });
