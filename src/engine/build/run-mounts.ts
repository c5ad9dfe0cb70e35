/** RUN --mount: the texts of a Dockerfile to mounts, with BuildKit's keys, defaults and complaints. Pure. */
import { posix } from "node:path";
import { csvFields, cut } from "../../lib/csv.ts";
import { bytesFromText } from "../../wire/size.ts";
import { invalid } from "../errors.ts";

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
const SHARING = ["shared", "private", "locked"] as const;
type Type = (typeof TYPES)[number];
type Owned = { uid: number; gid: number; mode: number };

export type BindMount = {
  type: "bind";
  target: string;
  readonly: boolean;
  /** a stage or an image, "" for the build's context */
  from: string;
  /** clean, absolute in what it is from */
  source: string;
};
/** Outlives the build. */
export type CacheMount = Owned & {
  type: "cache";
  target: string;
  readonly: boolean;
  id: string;
  sharing: (typeof SHARING)[number];
};
/** @property size bytes, 0 for as much as there is */
export type TmpfsMount = { type: "tmpfs"; target: string; readonly: boolean; size: number };
/** @property target "": no file; @property env "": no variable */
export type SecretMount = Owned & { type: "secret"; target: string; id: string; env: string; required: boolean };
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount;

/** @param workdir where relative targets begin. @throws EngineError invalid */
export function parseRunMount(text: string, workdir: string): RunMount {
  const fields = fieldsOf(text);
  const type = typeOf(fields);
  for (const field of fields) checkKey(field, type);
  const read = readerOf(fields);
  switch (type) {
    case "bind":
      return {
        ...{ type, target: targetOf(read.text("target"), workdir), readonly: read.readonly(true) },
        ...{ from: read.text("from"), source: posix.resolve("/", read.text("source")) },
      };
    case "cache": {
      const target = targetOf(read.text("target"), workdir);
      const id = read.text("id") || target;
      return { type, target, readonly: read.readonly(false), id, sharing: read.sharing(), ...read.owned(0o755) };
    }
    case "tmpfs":
      return {
        ...{ type, target: targetOf(read.text("target"), workdir), readonly: read.readonly(false) },
        size: read.size(),
      };
    case "secret":
      return secretOf(read, workdir);
    case "ssh":
      throw invalid("RUN --mount=type=ssh is not supported: this engine forwards no SSH agent");
    default:
      throw new TypeError(`unknown type ${type satisfies never}`);
  }
}

/** What mounts are from: names of stages or images, each once. What cannot be parsed is told when it is carried out. */
export function mountSourcesFrom(mounts: string[]): string[] {
  const named = mounts.flatMap((text) => {
    try {
      return fieldsOf(text).flatMap(({ key, value = "" }) => (key === "from" && value !== "" ? [value] : []));
    } catch {
      return [];
    }
  });
  return [...new Set(named)];
}

/** @property key lower-case, by its first name; value undefined without a "=" */
type Field = { key: Key; value: string | undefined; text: string };

const KEYS = {
  ...{ type: "type", from: "from", source: "source", src: "source", target: "target", dst: "target" },
  ...{ destination: "target", id: "id", sharing: "sharing", mode: "mode", uid: "uid", gid: "gid", env: "env" },
  ...{ required: "required", readonly: "readonly", ro: "readonly", readwrite: "readwrite", rw: "readwrite" },
  size: "size",
} as const;
type Key = (typeof KEYS)[keyof typeof KEYS];

/** Of those that not every type has. */
const TYPES_WITH: Partial<Record<Key, readonly Type[]>> = {
  from: ["bind"],
  source: ["bind", "secret"],
  id: ["cache", "secret", "ssh"],
  sharing: ["cache"],
  mode: ["cache", "secret", "ssh"],
  uid: ["cache", "secret", "ssh"],
  gid: ["cache", "secret", "ssh"],
  env: ["secret"],
  required: ["secret", "ssh"],
  readonly: ["bind", "cache", "tmpfs"],
  readwrite: ["bind", "cache", "tmpfs"],
  size: ["tmpfs"],
};
const FLAGS: readonly Key[] = ["readonly", "readwrite", "required"];

function fieldsOf(text: string): Field[] {
  return csvLine(text).map((field) => {
    const [name, value] = cut(field);
    const lower = name.toLowerCase();
    if (!isKey(lower)) {
      throw invalid(`unexpected key '${name}' in '${field}': known are ${Object.keys(KEYS).join(", ")}`);
    }
    const key = KEYS[lower];
    if (value === undefined && !FLAGS.includes(key)) throw invalid(`invalid field '${field}' must be a key=value pair`);
    return { key, value, text: field };
  });
}

function csvLine(text: string): string[] {
  try {
    return csvFields(text);
  } catch (error) {
    throw invalid(`failed to parse csv mounts: ${error instanceof Error ? error.message : error}`);
  }
}

const isKey = (name: string): name is keyof typeof KEYS => Object.hasOwn(KEYS, name);
const isOneOf = <T extends string>(values: readonly T[], value: string): value is T =>
  (values as readonly string[]).includes(value);

function typeOf(fields: Field[]): Type {
  const value = fields.findLast(({ key }) => key === "type")?.value ?? "bind";
  const type = value.toLowerCase();
  if (!isOneOf(TYPES, type)) throw invalid(`unsupported mount type "${value}": known are ${TYPES.join(", ")}`);
  return type;
}

function checkKey({ key, text }: Field, type: Type): void {
  const types = TYPES_WITH[key];
  if (!types || types.includes(type)) return;
  if (type === "cache" && (key === "from" || key === "source")) {
    throw invalid(`'${text}' is not supported for mount type 'cache': a cache begins empty`);
  }
  throw invalid(`unexpected key '${key}' for mount type '${type}': it is for ${types.join(", ")}`);
}

function readerOf(fields: Field[]) {
  const field = (wanted: Key) => fields.findLast(({ key }) => key === wanted);
  const text = (key: Key) => field(key)?.value ?? "";
  const number = (key: "uid" | "gid" | "mode", base: 8 | 10, otherwise: number) => {
    const given = field(key)?.value;
    if (given === undefined) return otherwise;
    const value = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(given) ? Number.parseInt(given, base) : Number.NaN;
    if (!(value <= (key === "mode" ? 0o7777 : MAX_ID))) {
      throw invalid(`invalid value ${given} for ${key}: wanted is ${base === 8 ? "an octal mode" : "a number"}`);
    }
    return value;
  };
  return {
    text,
    flag: (key: Key) => {
      const found = field(key);
      return found !== undefined && (found.value === undefined || booleanOf(found.text, found.value));
    },
    /** The last word counts. */
    readonly(otherwise: boolean): boolean {
      const last = fields.findLast(({ key }) => key === "readonly" || key === "readwrite");
      if (!last) return otherwise;
      const set = last.value === undefined || booleanOf(last.text, last.value);
      return last.key === "readonly" ? set : !set;
    },
    sharing(): CacheMount["sharing"] {
      const given = field("sharing")?.value ?? "shared";
      if (!isOneOf(SHARING, given)) {
        throw invalid(`unsupported sharing value "${given}": known are ${SHARING.join(", ")}`);
      }
      return given;
    },
    size(): number {
      const given = field("size")?.value;
      if (given === undefined) return 0;
      try {
        return bytesFromText(given);
      } catch {
        throw invalid(`invalid value for size: ${given}`);
      }
    },
    owned: (mode: number): Owned => ({
      ...{ uid: number("uid", 10, 0), gid: number("gid", 10, 0) },
      mode: number("mode", 8, mode),
    }),
    given: (key: Key) => field(key) !== undefined,
  };
}

type Reader = ReturnType<typeof readerOf>;

function secretOf(read: Reader, workdir: string): SecretMount {
  if (read.given("source") && read.given("id")) throw invalid("both source and id can't be set");
  const [target, env] = [read.text("target"), read.text("env")];
  if (env !== "" && !/^[^=\0]+$/.test(env)) throw invalid(`invalid value for env: ${env}`);
  const id = read.text("id") || read.text("source") || posix.basename(target);
  if (id === "") throw invalid("invalid secret mount. one of source, target required");
  const path = target === "" && env === "" ? `/run/secrets/${posix.basename(id)}` : target;
  return {
    ...{ type: "secret", id, env, required: read.flag("required"), ...read.owned(0o400) },
    target: path === "" ? "" : targetOf(path, workdir),
  };
}

/** The largest id that there is: 2³² - 1 stands for none (chown(2)). */
const MAX_ID = 2 ** 32 - 2;

function targetOf(text: string, workdir: string): string {
  const target = posix.resolve("/", workdir, text);
  if (target === "/" || text.includes("\0")) throw invalid(`invalid mount target ${JSON.stringify(target)}`);
  return target;
}

/** As Go reads one. */
function booleanOf(field: string, value: string): boolean {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(value)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(value)) return false;
  throw invalid(`invalid value for ${field.split("=", 1)[0]}: ${value}`);
}
