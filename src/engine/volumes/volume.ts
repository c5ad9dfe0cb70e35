/** A volume as the engine keeps it, and what is asked of the host for it. */
import type { ContainerLayer } from "../ports.ts";

/** Stored as it is (JSON). */
export type VolumeRecord = {
  name: string;
  /** RFC 3339, whole seconds as docker shows it */
  createdAt: string;
  labels: Record<string, string> | null;
  /** type, o, device; null: a plain directory */
  options: Record<string, string> | null;
  /**
   * An anonymous one belongs to the container that it was made for, until that lets go of it: when neither is there
   * after a crash, nobody ever knew of the volume.
   */
  madeFor?: string;
};

/** Docker marks what it named itself; prune and `rm -v` go by it. */
export const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

export function isAnonymous(record: VolumeRecord): boolean {
  return record.labels !== null && Object.hasOwn(record.labels, ANONYMOUS_LABEL);
}

/** What a volume's directory is like when it has been made; without: root's, 0755. */
export type DirectoryFacts = { uid: number; gid: number; mode: number };

/** Body in host/volumes. */
export interface VolumeHost {
  /** DATA_ROOT/volumes/NAME/_data, docker's layout; some clients read there. */
  directory(name: string): string;
  /** Names of the directories that are there. */
  names(): Promise<string[]>;
  make(name: string, facts?: DirectoryFacts): Promise<void>;
  /** Delete the directory and all in it. Throws EngineError conflict when something is mounted below. */
  remove(name: string): Promise<void>;
  isEmpty(name: string): Promise<boolean>;
  /** bytes */
  size(name: string): Promise<number>;
  /** Mount what the options say on the directory; again: nothing happens. Throws EngineError with mount's words. */
  mount(name: string, options: Record<string, string>): Promise<void>;
  unmount(name: string): Promise<void>;
  /**
   * Copy a directory of a container's root into the volume, with owners, modes, times and extended attributes.
   * @returns false if the container has no directory there
   */
  copyUp(name: string, layer: ContainerLayer, mountpoint: string, path: string): Promise<boolean>;
}
