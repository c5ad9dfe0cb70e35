/** What a build asks of the outside beside containers, images and files; bodies in host/build. */

/**
 * A file of a build's source. Paths and link targets are byte strings (latin1), as in tar; a path is relative to the
 * source's root, which is "".
 */
export type SourceEntry = {
  path: string;
  kind: "file" | "dir" | "symlink" | "char" | "block" | "fifo";
  mode: number;
  uid: number;
  gid: number;
  /** bytes of a file */
  size: number;
  /** seconds since 1970 */
  mtime: number;
  /** where a symlink leads, "" for others */
  link: string;
  /** of everything that a copy takes over but name and time: hex SHA-256 */
  hash: string;
};

/** The files of a build's context or of an image, as an archive brought them. Nothing of it lies on the host as files. */
export interface SourceTree {
  /** Links are not followed. */
  entry(path: string): SourceEntry | undefined;
  /** A directory and all in it, parents before what they hold; one entry for anything else. */
  below(path: string): SourceEntry[];
  read(entry: SourceEntry): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** One entry of an archive that is put together. */
export type PackedEntry = {
  /** byte string */
  name: string;
  /** undefined: whom the entry names */
  owner?: { uid: number; gid: number } | undefined;
} & (
  | {
      tree: SourceTree;
      entry: SourceEntry;
      /** undefined: the entry's own */
      mode?: number | undefined;
      /** directory with which it is copied: in it, names of one file stay so */
      top?: SourceEntry;
    }
  | { directory: { mode: number } }
);

export interface BuildHost {
  /** Reads a tar archive, compressed or not, to its end. @throws EngineError invalid */
  openTree(archive: AsyncIterable<Buffer>): Promise<SourceTree>;
  /** A tree of a single file called "file". @param facts.modified seconds since 1970 */
  openFile(facts: { mode: number; modified: number }, content: AsyncIterable<Buffer>): Promise<SourceTree>;
  pack(entries: PackedEntry[]): AsyncIterable<Buffer>;
  /** Does this begin like a tar archive, compressed or not? */
  isArchive(content: AsyncIterable<Buffer>): Promise<boolean>;
  /** A file in a directory that only root can enter, which is made if it is not there. */
  writeSecret(path: string, content: Buffer, facts: { uid: number; gid: number; mode: number }): Promise<void>;
  /** At once, as long as others may take to clear the directory. Missing is fine. */
  removeSecret(path: string): Promise<void>;
  /**
   * What is at a URL.
   * @throws EngineError forbidden where the engine may not connect to, internal when it cannot be had
   */
  fetch(url: URL, signal: AbortSignal): Promise<{ name: string; modified: number; content: AsyncIterable<Buffer> }>;
}
