/** What a start asks of engine/volumes. */
import type { ContainerLayer } from "./layers.ts";

export interface Volumes {
  /** Find or make a volume (name "" = anonymous, 64 hex); returns its host directory. */
  acquire(
    name: string,
    containerId: string,
    options?: {
      driver?: string;
      driverOpts?: Record<string, string>;
      labels?: Record<string, string>;
      anonymous?: boolean;
    },
  ): Promise<{ name: string; mountpoint: string; created: boolean; driver: string }>;
  /** Forget that the container uses it; with removeAnonymous, anonymous ones that nobody uses are deleted. */
  release(containerId: string, removeAnonymous: boolean): Promise<void>;
  /**
   * Fill an empty volume from what the container's root has at `path`, owners and modes included (docker's copy-up;
   * not with nocopy). A volume that holds something, and a path that is no directory, are left.
   * @param mountpoint an empty host directory on which the root may be mounted meanwhile (RootfsSpec's)
   */
  populate(name: string, layer: ContainerLayer, mountpoint: string, path: string): Promise<void>;
  /** Docker's volume events: the container has started, or ended, with these volumes. */
  started(containerId: string, uses: { name: string; destination: string; readonly: boolean }[]): void;
  stopped(containerId: string, names: string[]): void;
}
