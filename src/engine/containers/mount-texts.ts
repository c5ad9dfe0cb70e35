/** `-v` texts and `--mount` objects to one shape, with docker's errors. Pure but for the question whether a path exists. */
import { posix } from "node:path";
import type { Propagation } from "../../isolation/spec.ts";
import type { HostConfig, Mount, MountPoint } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { ImageLayers } from "../ports.ts";
import { checkedTmpfs, tmpfsOptions } from "./tmpfs-options.ts";

/** A mount as asked for: what inspect shows, and what only the start needs to know. */
export type WantedMount = { point: MountPoint; detail: MountDetail };

export type MountDetail = {
  /** -v makes a missing source, --mount refuses it */
  createSource?: boolean;
  nonRecursive?: boolean;
  recursiveReadonly?: "no" | "if-possible" | "force";
  subpath?: string;
  tmpfs?: string[];
  /** volumes: do not fill a new one with what the image has there */
  noCopy?: boolean;
  driver?: string;
  driverOptions?: Record<string, string>;
  labels?: Record<string, string>;
  /** a volume without a name of the user's */
  anonymous?: boolean;
  /** an image's layers, kept for the container */
  layers?: ImageLayers;
};

const PROPAGATIONS: readonly string[] = [
  "private",
  "rprivate",
  "slave",
  "rslave",
  "shared",
  "rshared",
] satisfies Propagation[];

/** "/host:/in:ro", "name:/in", "/in". Throws invalid. */
export function parseBind(text: string, volumeDriver: string): WantedMount {
  const specError = () => invalid(`invalid volume specification: '${text}'`);
  const parts = text.split(":");
  const [first = "", second = "", mode = ""] = parts;
  if (first === "" || parts.length > 3) throw specError();
  if (parts.length === 2 && validMode(second)) throw specError();
  if (!validMode(mode)) throw invalid(`invalid mode: ${mode}`);
  const [source, target] = parts.length === 1 ? ["", first] : [first, second];
  const words = mode.split(",");
  const type = posix.isAbsolute(source) ? "bind" : "volume";
  const destination = checkTarget(target, (reason) =>
    invalid(`invalid volume specification: '${text}': invalid mount config for type "${type}": ${reason}`),
  );
  const readonly = words.includes("ro");
  if (type === "bind") {
    const propagation = words.find((word) => PROPAGATIONS.includes(word)) ?? "rprivate";
    return {
      point: {
        Type: "bind",
        Source: posix.normalize(source).replace(/(.)\/$/, "$1"),
        Destination: destination,
        Mode: mode,
        RW: !readonly,
        Propagation: propagation,
      },
      detail: { createSource: true, recursiveReadonly: "if-possible" },
    };
  }
  return {
    point: {
      Type: "volume",
      Name: checkVolumeName(source),
      Source: "",
      Destination: destination,
      Driver: volumeDriver || "local",
      Mode: mode || "z",
      RW: !readonly,
      Propagation: "",
    },
    detail: { noCopy: words.includes("nocopy"), anonymous: source === "" },
  };
}

/** One of HostConfig.Mounts. Throws invalid. @param exists whether a path of the host is there */
export function parseMount(mount: Mount, exists: (path: string) => boolean): WantedMount {
  const fail = (reason: string) => invalid(`invalid mount config for type "${mount.Type}": ${reason}`);
  if (mount.Target === "") throw fail("field Target must not be empty");
  const destination = checkTarget(mount.Target, fail);
  if (mount.Type !== "bind" && mount.BindOptions) throw fail("field BindOptions must not be specified");
  if (mount.Type !== "volume" && mount.VolumeOptions) throw fail("field VolumeOptions must not be specified");
  if (mount.Type !== "tmpfs" && mount.TmpfsOptions) throw fail("field TmpfsOptions must not be specified");
  const point = { Destination: destination, Mode: "", RW: !mount.ReadOnly, Propagation: "" };
  switch (mount.Type) {
    case "bind":
      return bindMount(mount, point, exists, fail);
    case "volume":
      return volumeMount(mount, point, fail);
    case "tmpfs":
      if (mount.Source) throw fail("field Source must not be specified");
      return { point: { ...point, Type: "tmpfs", Source: "" }, detail: { tmpfs: tmpfsOptions(mount, fail) } };
    case "image":
      return imageMount(mount, point, fail);
    default:
      throw fail("mount type unknown");
  }
}

type Point = Omit<MountPoint, "Type" | "Source">;
type Fail = (reason: string) => Error;

function bindMount(mount: Mount, point: Point, exists: (path: string) => boolean, fail: Fail): WantedMount {
  const { Source: source = "", BindOptions: options = {} } = mount;
  if (source === "") throw fail("field Source must not be empty");
  if (!posix.isAbsolute(source)) throw fail(`invalid mount path: '${source}' mount path must be absolute`);
  const propagation = options.Propagation || "rprivate";
  if (!PROPAGATIONS.includes(propagation)) throw fail(`invalid propagation mode: ${propagation}`);
  if (!exists(source) && !options.CreateMountpoint) throw fail(`bind source path does not exist: ${source}`);
  if (options.ReadOnlyForceRecursive && options.ReadOnlyNonRecursive) {
    throw fail("mount options conflict: ReadOnlyNonRecursive && ReadOnlyForceRecursive");
  }
  return {
    point: {
      ...point,
      Type: "bind",
      Source: posix.normalize(source).replace(/(.)\/$/, "$1"),
      Propagation: propagation,
    },
    detail: {
      createSource: options.CreateMountpoint ?? false,
      nonRecursive: options.NonRecursive ?? false,
      recursiveReadonly: options.ReadOnlyForceRecursive ? "force" : options.ReadOnlyNonRecursive ? "no" : "if-possible",
    },
  };
}

function volumeMount(mount: Mount, point: Point, fail: Fail): WantedMount {
  const { Source: name = "", VolumeOptions: options = {} } = mount;
  const { Subpath: subpath } = options;
  if (subpath && name === "") throw fail("must not set Subpath when using anonymous volumes");
  if (subpath && !isLocal(subpath)) throw fail("subpath must be a relative path within the volume");
  if (mount.ReadOnly && name === "") throw fail("must not set ReadOnly mode when using anonymous volumes");
  const { Name: driver, Options: driverOptions } = options.DriverConfig ?? {};
  return {
    point: { ...point, Type: "volume", Name: checkVolumeName(name), Source: "", Driver: driver || "local", Mode: "z" },
    detail: {
      anonymous: name === "",
      noCopy: options.NoCopy ?? false,
      ...(subpath && { subpath }),
      ...(driver && { driver }),
      ...(driverOptions && { driverOptions }),
      ...(options.Labels && { labels: options.Labels }),
    },
  };
}

/** The image is looked for at create; nobody can write to it. */
function imageMount(mount: Mount, point: Point, fail: Fail): WantedMount {
  const { Source: name = "", ImageOptions: options = {} } = mount;
  const { Subpath: subpath } = options;
  if (name === "") throw fail("field Source must not be empty");
  if (subpath && !isLocal(subpath)) throw fail("subpath must be a relative path within the volume");
  return {
    point: { ...point, Type: "image", Name: name, Source: "", RW: false },
    detail: { ...(subpath && { subpath }), recursiveReadonly: "no" },
  };
}

const isLocal = (path: string) => !posix.isAbsolute(path) && !/^\.\.(\/|$)/.test(posix.normalize(path));

/** HostConfig.Tmpfs: target -> options as text. Throws invalid. */
export function parseTmpfs(tmpfs: HostConfig["Tmpfs"]): WantedMount[] {
  return Object.entries(tmpfs ?? {}).map(([target, options]) => ({
    point: {
      Type: "tmpfs",
      Source: "",
      Destination: checkTarget(target, invalid),
      Mode: "",
      RW: true,
      Propagation: "",
    },
    detail: { tmpfs: checkedTmpfs(options.split(",").filter((option) => option !== "")) },
  }));
}

/** An image's or the user's bare volume path: an anonymous volume. Throws invalid. */
export function imageVolume(target: string, driver: string): WantedMount {
  const fail: Fail = (reason) => invalid(`invalid volume specification: '${target}': ${reason}`);
  return {
    point: {
      Type: "volume",
      Name: "",
      Source: "",
      Destination: checkTarget(target, fail),
      Driver: driver || "local",
      Mode: "",
      RW: true,
      Propagation: "",
    },
    detail: { anonymous: true },
  };
}

/** Absolute, not the root; "/a/../../b" is "/b". */
function checkTarget(target: string, fail: Fail): string {
  if (!posix.isAbsolute(target) || target.includes("\0"))
    throw fail(`invalid mount path: '${target}' mount path must be absolute`);
  const clean = posix.normalize(target).replace(/(.)\/$/, "$1");
  if (clean === "/") throw fail("invalid specification: destination can't be '/'");
  return clean;
}

function checkVolumeName(name: string): string {
  if (name.length === 1) {
    throw invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  }
  if (name !== "" && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw invalid(
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  }
  return name;
}

const MODES: readonly (readonly string[])[] = [
  ["ro", "rw"],
  ["z", "Z"],
  PROPAGATIONS,
  ["nocopy"],
  ["consistent", "cached", "delegated"],
];

/** At most one word of each kind. */
export function validMode(mode: string): boolean {
  if (mode === "") return true;
  const words = mode.split(",");
  return (
    words.every((word) => MODES.some((kind) => kind.includes(word))) &&
    MODES.every((kind) => words.filter((word) => kind.includes(word)).length <= 1)
  );
}
