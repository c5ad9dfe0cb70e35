/** The configuration file: dockerd's daemon.json. Its values become those of the flags. */
import { existsSync, readFileSync } from "node:fs";
import { isObject } from "../../lib/is-object.ts";
import { FLAGS } from "./flags.ts";
import { OptionError } from "./option-error.ts";
import { standingKey } from "./standing-keys.ts";

const DEFAULT_FILE = "/etc/cloche/engine.json";

/** What a key's value has to be and what the flag of its name takes. */
type Key = { flag: string; kind: string; read(value: unknown): unknown };

/** Keys that are spelled, or whose values are built, in another way than the flags. */
const KEYS: Record<string, Key> = {
  hosts: texts("host"),
  "registry-mirrors": texts("registry-mirror"),
  "insecure-registries": texts("insecure-registry"),
  "exec-opts": texts("exec-opt"),
  "dns-opts": texts("dns-opt"),
  labels: texts("label"),
  icc: {
    flag: "icc",
    kind: "true or false",
    read: (value) => (typeof value === "boolean" ? String(value) : undefined),
  },
  mtu: { flag: "mtu", kind: "a number", read: (value) => (typeof value === "number" ? String(value) : undefined) },
  "default-shm-size": {
    flag: "default-shm-size",
    kind: "a number of bytes or a text as 128m",
    read: (value) => (["number", "string"].includes(typeof value) ? String(value) : undefined),
  },
  "log-opts": {
    flag: "log-opt",
    kind: "an object of texts",
    read: (value) => eachOf(value, (name, text) => (typeof text === "string" ? `${name}=${text}` : undefined)),
  },
  "default-ulimits": {
    flag: "default-ulimit",
    kind: 'an object as {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 2048}}',
    read: (value) =>
      eachOf(value, (name, limit) =>
        isObject(limit) && typeof limit.Soft === "number" && typeof limit.Hard === "number"
          ? `${typeof limit.Name === "string" ? limit.Name : name}=${limit.Soft}:${limit.Hard}`
          : undefined,
      ),
  },
  "default-address-pools": {
    flag: "default-address-pool",
    kind: 'a list as [{"base": "10.200.0.0/16", "size": 24}]',
    read: (value) =>
      Array.isArray(value)
        ? complete(
            value.map((pool: unknown) =>
              isObject(pool) && typeof pool.base === "string" && typeof pool.size === "number"
                ? `base=${pool.base},size=${pool.size}`
                : undefined,
            ),
          )
        : undefined,
  },
};

/**
 * @param path undefined: the file at its usual place, if it is there
 * @returns values for flags, by their names
 * @throws OptionError for a file that cannot be read, an ill-typed value and, all at once, keys that mean nothing here
 */
export function readConfigFile(path: string | undefined): Record<string, unknown> {
  if (path === undefined && !existsSync(DEFAULT_FILE)) return {};
  const file = path ?? DEFAULT_FILE;
  const flags: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [name, sent] of Object.entries(parsed(file))) {
    const key = keyOf(name);
    if (key === undefined) {
      const wrong = standingKey(name, sent);
      if (wrong) throw new OptionError(`${file}: ${wrong}`);
      if (wrong === undefined) unknown.push(name);
      continue;
    }
    const value = key.read(sent);
    if (value === undefined) throw new OptionError(`${file}: ${name} must be ${key.kind}`);
    flags[key.flag] = value;
  }
  if (unknown.length > 0) {
    throw new OptionError(
      `${file}: the following directives don't match any configuration option: ${unknown.join(", ")}; remove them: cloche engine --help names those that there are`,
    );
  }
  return flags;
}

function parsed(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new OptionError(`unable to configure the engine with file ${file}: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new OptionError(`${file}: not a JSON object`);
  return value;
}

/** @returns undefined when there is no such option */
function keyOf(name: string): Key | undefined {
  if (Object.hasOwn(KEYS, name)) return KEYS[name];
  if (!Object.hasOwn(FLAGS, name) || ["help", "config-file"].includes(name)) return undefined;
  const flag: { type: string; multiple?: boolean } = FLAGS[name as keyof typeof FLAGS];
  if (flag.multiple) return texts(name);
  const kind = flag.type === "string" ? "a text" : "true or false";
  return { flag: name, kind, read: (value) => (typeof value === flag.type ? value : undefined) };
}

// By name, as it is called while the table of keys is made.
function texts(flag: string): Key {
  const isList = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string");
  return { flag, kind: "a list of texts", read: (value) => (isList(value) ? value : undefined) };
}

function eachOf(value: unknown, text: (name: string, value: unknown) => string | undefined): string[] | undefined {
  return isObject(value) ? complete(Object.entries(value).map(([name, one]) => text(name, one))) : undefined;
}

function complete(list: (string | undefined)[]): string[] | undefined {
  const all = list.filter((one) => one !== undefined);
  return all.length === list.length ? all : undefined;
}
