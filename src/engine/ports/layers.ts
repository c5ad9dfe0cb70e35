/** host/storage: the layers that containers are made of. */

/** A container's own writable layer over an image's layers. */
export interface Layers {
  /**
   * Make upper and work directories for a container over the image's chain (bottom first diff ids); idempotent. What is
   * there may be mounted again afterwards, even if it was mounted as volatile.
   */
  createContainerLayer(containerId: string, diffIds: string[]): Promise<ContainerLayer>;
  removeContainerLayer(containerId: string): Promise<void>;
  /** Keep an image's layers for a container that mounts them, as long as its own layer is there. */
  keepImageLayers(containerId: string, diffIds: string[]): Promise<ImageLayers>;
  /** Bytes in the upper directory (SizeRw). */
  containerLayerSize(containerId: string): Promise<number>;
  /** Bytes of all image layers (SizeRootFs is this plus SizeRw). */
  imageLayersSize(diffIds: string[]): Promise<number>;
  /**
   * Read a small file of the merged view of a container's layers without mounting: upper first, then lowers, following
   * symlinks inside the root only, never a FIFO or device. undefined if missing. At most `maxBytes` (default 1 MiB).
   */
  readMerged(containerId: string, path: string, maxBytes?: number): Promise<Buffer | undefined>;
  /** Kind of a path in the merged view, symlinks followed inside the root. */
  statMerged(
    containerId: string,
    path: string,
  ): Promise<{ kind: "dir" | "file" | "other"; mode: number; uid: number; gid: number } | undefined>;
}
/** Top first, at least two (overlayfs wants them, where nothing can be written); paths relative to base. */
export type ImageLayers = { base: string; lowers: string[] };
/** paths of lowers, upper, work relative to base */
export type ContainerLayer = { base: string; lowers: string[]; upper: string; work: string };
