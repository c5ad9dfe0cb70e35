/** What the file verbs ask of the outside; bodies in host/files. */
import type { FilesRoot } from "../../isolation/compile-files.ts";
import type { ContainerLayer } from "../ports.ts";

/** A call that failed on a path of the container. */
export class FileError extends Error {
  /** system call as docker names it: "lstat"; "destination" for what is written to; "overwrite" */
  readonly call: string;
  readonly path: string;
  /** "ENOENT" … */
  readonly errno: string;
  constructor(what: { call: string; path: string; errno: string }) {
    super(`${what.call} ${what.path}: ${what.errno}`);
    this.name = "FileError";
    this.call = what.call;
    this.path = what.path;
    this.errno = what.errno;
  }
}

export type FileKind = "file" | "dir" | "symlink" | "char" | "block" | "fifo" | "socket";

/** A file as lstat(2) tells it. */
export type FileFacts = {
  kind: FileKind;
  /** permission bits and setuid, setgid, sticky */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** seconds and nanoseconds since 1970 */
  mtime: { seconds: number; nanoseconds: number };
  major: number;
  minor: number;
};

/** @property target where the path led to, links followed as far as they lead somewhere */
export type PathFacts = FileFacts & { target: string };

/**
 * What a container's own layer has at a path (a byte string, latin1, relative to the root).
 * @property before looks up what the layers below have there
 * @property hidden names that the layers below have in this directory, if it does not show them (an opaque one)
 */
export type LayerEntry = FileFacts & {
  path: string;
  before(): Promise<LowerFacts | undefined>;
  hidden(): Promise<string[]>;
};
export type LowerFacts = Pick<FileFacts, "kind" | "mode" | "uid" | "gid" | "size"> & { seconds: number };

/** An archive that is being made: to be read to its end or closed. */
export type OutgoingArchive = {
  facts: PathFacts;
  /** in pieces that belong together */
  tar: AsyncIterable<Buffer[]>;
  close(): void;
  /** Nothing of the container is in use any more. */
  ended: Promise<void>;
};

export interface FileHost {
  /** @throws FileError */
  stat(root: FilesRoot, path: string): Promise<PathFacts>;
  /**
   * The tree at a path as a tar archive.
   * @param request.name what its first entry is called, in the place of the path; undefined: its contents only, by their own names
   * @param request.ownFileSystem leave out what is mounted in the root
   * @throws FileError; while the archive is read, too
   */
  archive(root: FilesRoot, path: string, request: { name?: string; ownFileSystem: boolean }): Promise<OutgoingArchive>;
  /**
   * Unpack a tar archive, compressed or not, into a directory.
   * @param request.owner who gets all of it; undefined: whom the archive names
   * @param request.keepKinds no directory gives way to a file, no file to a directory
   * @throws FileError, EngineError invalid on a bad archive
   */
  extract(
    root: FilesRoot,
    path: string,
    archive: AsyncIterable<Buffer | readonly Buffer[]>,
    request: { owner?: { uid: number; gid: number } | undefined; keepKinds: boolean },
  ): Promise<void>;
  /** What a container's own layer has, in no order. */
  layerEntries(container: { id: string; layer: ContainerLayer }): AsyncIterable<LayerEntry>;
  /**
   * The same as an image's layer.
   * @param keep which of its paths belong into it
   */
  layerArchive(layer: ContainerLayer, keep: (path: string) => boolean): AsyncIterable<Buffer>;
}
