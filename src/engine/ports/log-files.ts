/** host/logs: the files that monitors write. */

export interface LogFiles {
  /** Oldest first: the rotated ones, unpacked if need be, then the one that is written to; [] if there is none. */
  open(path: string): Promise<LogFile[]>;
  /** Is this the file that is written to? Also true when there is none any more. */
  isCurrent(path: string, inode: number): Promise<boolean>;
  /** Calls back on each change (growth; rotation, which is a move) until the returned function is called. */
  watch(path: string, changed: (change: "written" | "moved") => void): () => void;
  /** Gzip what has been rotated, by way of PATH.INODE.tmp. @param place puts it into its place; needed while somebody rotates */
  compress(path: string, place?: (inode: bigint) => Promise<void>): Promise<void>;
}
/** An open file: it stays the same one, and readable, when it is renamed or removed. */
export interface LogFile {
  readonly inode: number;
  /** Size of the text now, bytes. */
  size(): Promise<number>;
  /** @returns how many bytes were read; 0 at the end of what there is */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}
