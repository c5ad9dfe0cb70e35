/** OCI image-spec's words for an image, as stored and as docker shows them. */
import type { HealthConfig } from "./container.ts";

export type ImageConfig = {
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  Entrypoint?: string[] | null;
  Cmd?: string[] | null;
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  StopSignal?: string;
  Healthcheck?: HealthConfig;
  OnBuild?: string[] | null;
  Shell?: string[];
  ArgsEscaped?: boolean;
};

export type ImageHistory = {
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  empty_layer?: boolean;
};

/** The image configuration blob (application/vnd.oci.image.config.v1+json); its digest is the image's id. */
export type ImageManifestConfig = {
  created?: string;
  author?: string;
  architecture: string;
  os: string;
  variant?: string;
  config?: ImageConfig;
  rootfs: { type: "layers"; diff_ids: string[] };
  history?: ImageHistory[];
  [extra: string]: unknown;
};

/** An image as the engine knows it. */
export type Image = {
  /** sha256:… of the configuration blob */
  id: string;
  /** repo:tag references, normalised as docker shows them (busybox:latest) */
  repoTags: string[];
  /** repo@sha256:… */
  repoDigests: string[];
  config: ImageManifestConfig;
  /** bytes of all unpacked layers */
  size: number;
};
