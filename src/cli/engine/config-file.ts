import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isErrno } from "../../lib/errno.ts";
import { CliError, textOf } from "../errors.ts";

export type Auth = {
  username?: string;
  password?: string;
  auth?: string;
  serveraddress?: string;
  identitytoken?: string;
};
type Contents = {
  auths?: Record<string, Auth>;
  detachKeys?: string;
  psFormat?: string;
  imagesFormat?: string;
  statsFormat?: string;
  [other: string]: unknown;
};

/** docker's own config.json: logins and habits are shared with it. */
export type ConfigFile = {
  readonly path: string;
  /** read when first asked for; empty if there is none */
  contents(): Contents;
  save(contents: Contents): void;
};

/** @param folder from --config; DOCKER_CONFIG and ~/.docker else */
export function configFile(folder: string | undefined, env: NodeJS.ProcessEnv): ConfigFile {
  const path = join(folder || env.DOCKER_CONFIG || join(homedir(), ".docker"), "config.json");
  let contents: Contents | undefined;
  return {
    path,
    contents() {
      contents ??= read(path);
      return contents;
    },
    save(next) {
      contents = next;
      mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
      // A reader never sees half a file: it is written beside the old one and takes its place in one step.
      writeFileSync(`${path}.new`, `${JSON.stringify(next, null, "\t")}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
  };
}

function read(path: string): Contents {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return {};
    throw new CliError(`error loading config file ${path}: ${textOf(error)}`);
  }
}

export const DOCKER_HUB = "https://index.docker.io/v1/";

/** The registry that an image's name points to, by the key that config.json has for it. */
export function registryOf(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = first.includes(".") || first.includes(":") || first === "localhost" || first !== first.toLowerCase();
  return !isHost || first === "docker.io" || first === "index.docker.io" ? DOCKER_HUB : first;
}

/** X-Registry-Auth for this image: the login of config.json, or an empty one. */
export function registryAuth(config: ConfigFile, image: string): string {
  return encodeAuth(loginOf(config, registryOf(image)));
}

export function loginOf(config: ConfigFile, registry: string): Auth {
  const saved = config.contents().auths?.[registry];
  if (!saved) return {};
  const [username = "", ...password] = Buffer.from(saved.auth ?? "", "base64")
    .toString()
    .split(":");
  return { username, password: password.join(":"), serveraddress: registry };
}

export const encodeAuth = (auth: Auth): string => Buffer.from(JSON.stringify(auth)).toString("base64url");
