/** GET /cloche/v1/images/{name}/layers: what an image is made of. */

export type ImageLayersAnswer = {
  id: string;
  name: string;
  /** lowest first */
  layers: ImageLayer[];
};

export type ImageLayer = {
  diffId: string;
  /** the command that made it, as the image's history has it; "" where it has none */
  createdBy: string;
  /** bytes of its files */
  size: number;
  files: number;
  directories: number;
  /** names that it takes away from the layers below */
  removed: number;
  /** the largest first; mode as ls shows it */
  largest: { path: string; size: number; mode: string }[];
  /** files that are not among those */
  more: number;
};
