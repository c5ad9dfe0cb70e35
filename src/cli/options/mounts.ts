import { resolve } from "node:path";
import { csvFields, cut } from "../../lib/csv.ts";
import type { Mount } from "../../wire/container.ts";
import { bytesFromText } from "../../wire/size.ts";
import { boolFromText } from "../flags/numbers.ts";

type Group = "bind" | "volume" | "tmpfs" | "image";
const SWITCHES = ["readonly", "ro", "volume-nocopy", "bind-nonrecursive", "bind-create-src"];

/** --mount's text as the API has it. @throws in docker's words */
export function mountOf(value: string): Mount {
  const mount: Mount = { Type: "volume", Target: "" };
  const used = new Set<Group>();
  for (const field of csvFields(value)) {
    const [key, text] = cut(field);
    if (text === undefined && !SWITCHES.includes(key))
      throw new Error(`invalid field '${field}' must be a key=value pair`);
    const group = (["bind", "volume", "tmpfs", "image"] as const).find((name) => key.startsWith(`${name}-`));
    if (group) used.add(group);
    set(mount, key, text ?? "true", field);
  }
  if ((mount.Type as string) === "") throw new Error("type is required");
  if (mount.Target === "") throw new Error("target is required");
  for (const group of ["volume", "bind", "tmpfs", "image"] as const)
    if (used.has(group) && mount.Type !== group)
      throw new Error(`cannot mix '${group}-*' options with mount type '${mount.Type}'`);
  if (mount.BindOptions?.ReadOnlyForceRecursive && !mount.ReadOnly)
    throw new Error("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
  if (mount.BindOptions?.ReadOnlyForceRecursive && mount.BindOptions.Propagation !== "rprivate")
    throw new Error(
      "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
    );
  return mount;
}

type Bind = NonNullable<Mount["BindOptions"]>;
type VolumeOptions = NonNullable<Mount["VolumeOptions"]>;

function set(mount: Mount, key: string, text: string, field: string): void {
  const setter = SETTERS[ALIASES[key] ?? key];
  if (!setter) throw new Error(`unexpected key '${key}' in '${field}'`);
  setter(mount, text, key);
}

const ALIASES: Record<string, string> = { src: "source", dst: "target", destination: "target", ro: "readonly" };

const bind = (mount: Mount, options: Bind) => {
  mount.BindOptions = { ...mount.BindOptions, ...options };
};
const volume = (mount: Mount, options: VolumeOptions) => {
  mount.VolumeOptions = { Labels: {}, DriverConfig: {}, ...mount.VolumeOptions, ...options };
};
const driver = (mount: Mount, options: VolumeOptions["DriverConfig"]) =>
  volume(mount, { DriverConfig: { ...mount.VolumeOptions?.DriverConfig, ...options } });

const SETTERS: Record<string, (mount: Mount, text: string, key: string) => void> = {
  type: (mount, text) => {
    mount.Type = text.toLowerCase() as Mount["Type"];
  },
  source: (mount, text) => {
    mount.Source = text === "." || text.startsWith("./") ? resolve(text) : text;
  },
  target: (mount, text) => {
    mount.Target = text;
  },
  readonly: (mount, text, key) => {
    mount.ReadOnly = switchOf(key, text);
  },
  consistency: (mount, text) => {
    mount.Consistency = text.toLowerCase();
  },
  "bind-propagation": (mount, text) => bind(mount, { Propagation: text.toLowerCase() }),
  "bind-nonrecursive": (mount, text, key) => bind(mount, { NonRecursive: switchOf(key, text) }),
  "bind-create-src": (mount, text, key) => bind(mount, { CreateMountpoint: switchOf(key, text) }),
  "bind-recursive": (mount, text) => {
    const options = recursive(text);
    if (options) bind(mount, options);
  },
  "volume-subpath": (mount, text) => volume(mount, { Subpath: text }),
  "volume-nocopy": (mount, text, key) => volume(mount, { NoCopy: switchOf(key, text) }),
  "volume-label": (mount, text) => volume(mount, { Labels: { ...mount.VolumeOptions?.Labels, ...pair(text) } }),
  "volume-driver": (mount, text) => driver(mount, { Name: text }),
  "volume-opt": (mount, text) =>
    driver(mount, { Options: { ...mount.VolumeOptions?.DriverConfig?.Options, ...pair(text) } }),
  "image-subpath": (mount, text) => {
    mount.ImageOptions = { Subpath: text };
  },
  "tmpfs-size": (mount, text, key) => {
    mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: sizeOf(key, text) };
  },
  "tmpfs-mode": (mount, text, key) => {
    if (!/^[0-7]+$/.test(text)) throw new Error(`invalid value for ${key}: ${text}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(text, 8) };
  },
};

function recursive(text: string): Bind | undefined {
  if (text === "enabled") return undefined;
  if (text === "disabled") return { NonRecursive: true };
  if (text === "writable") return { ReadOnlyNonRecursive: true };
  if (text === "readonly") return { ReadOnlyForceRecursive: true };
  throw new Error(
    `invalid value for bind-recursive: ${text} (must be "enabled", "disabled", "writable", or "readonly")`,
  );
}

function switchOf(key: string, text: string): boolean {
  try {
    return boolFromText(text);
  } catch {
    throw new Error(`invalid value for ${key}: ${text}`);
  }
}

function sizeOf(key: string, text: string): number {
  try {
    return bytesFromText(text);
  } catch {
    throw new Error(`invalid value for ${key}: ${text}`);
  }
}

function pair(text: string): Record<string, string> {
  const [key, value = ""] = cut(text);
  return key === "" ? {} : { [key]: value };
}
