/** Manifests of the OCI image-spec and of docker's schema 2, decoded from bytes that a registry or an archive gave. */

import { InvalidInput } from "../lib/invalid-input.ts";
import { isObject } from "../lib/is-object.ts";
import type { Platform } from "./platform.ts";
import { isDigest } from "./reference.ts";

export const MEDIA = {
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
  ociConfig: "application/vnd.oci.image.config.v1+json",
  ociLayer: "application/vnd.oci.image.layer.v1.tar",
  ociLayerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  ociLayerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)$/;
const MAX_LAYERS = 127;
const MAX_MANIFESTS = 1024;

export type Descriptor = {
  mediaType: string;
  digest: string;
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
};
export type Manifest =
  | { kind: "image"; mediaType: string; config: Descriptor; layers: Descriptor[] }
  | { kind: "index"; mediaType: string; manifests: Descriptor[] };

export class ManifestError extends InvalidInput {
  override readonly name = "ManifestError";
}

/**
 * Decode a manifest or an index. A document that could be read as both is refused (CVE-2021-41190): the media type it
 * is served with, the one it states and its fields must agree.
 * @param contentType as served; undefined where nothing tells (a file)
 * @throws ManifestError
 */
export function decodeManifest(bytes: Uint8Array, contentType?: string): Manifest {
  const document = parseObject(bytes);
  const stated = typeof document.mediaType === "string" ? document.mediaType : undefined;
  const served = contentType?.split(";")[0]?.trim().toLowerCase();
  if (SCHEMA_1.test(served ?? "") || document.schemaVersion === 1) {
    throw new ManifestError(
      "docker image manifest version 2, schema 1 is not supported: the image must be pushed anew",
    );
  }
  if (document.schemaVersion !== 2) throw new ManifestError("manifest invalid: unknown schemaVersion");
  const known = [MEDIA.dockerManifest, MEDIA.dockerIndex, MEDIA.ociManifest, MEDIA.ociIndex] as string[];
  const servedKind = served !== undefined && known.includes(served) ? served : undefined;
  if (stated !== undefined && servedKind !== undefined && stated !== servedKind) {
    throw new ManifestError(`manifest invalid: served as ${servedKind}, but states ${stated}`);
  }
  const isIndex = Array.isArray(document.manifests);
  const isImage = "config" in document || "layers" in document || "fsLayers" in document;
  if (isIndex === isImage) throw new ManifestError("manifest invalid: neither an image nor an index, or both at once");
  const mediaType = stated ?? servedKind ?? (isIndex ? MEDIA.ociIndex : MEDIA.ociManifest);
  const indexType = mediaType === MEDIA.dockerIndex || mediaType === MEDIA.ociIndex;
  if (!known.includes(mediaType)) throw new ManifestError(`unsupported manifest media type: ${mediaType}`);
  if (indexType !== isIndex) throw new ManifestError(`manifest invalid: its fields do not fit ${mediaType}`);
  if (isIndex) {
    return { kind: "index", mediaType, manifests: descriptors(document.manifests, "manifests", MAX_MANIFESTS) };
  }
  return {
    kind: "image",
    mediaType,
    config: decodeDescriptor(document.config, "config"),
    layers: descriptors(document.layers, "layers", MAX_LAYERS),
  };
}

/** Is it a layer that can be unpacked? Foreign and encrypted ones are not. */
export function isLayerMediaType(mediaType: string): boolean {
  return /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?)$/.test(
    mediaType,
  );
}

function descriptors(value: unknown, where: string, limit: number): Descriptor[] {
  if (!Array.isArray(value)) throw new ManifestError(`manifest invalid: ${where} is not a list`);
  if (value.length > limit) throw new ManifestError(`manifest invalid: more than ${limit} ${where}`);
  return value.map((item, index) => decodeDescriptor(item, `${where}[${index}]`));
}

function decodeDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) throw new ManifestError(`manifest invalid: ${where} is not an object`);
  const { mediaType, digest, size } = value;
  if (typeof digest !== "string" || !isDigest(digest)) throw new ManifestError(`manifest invalid: digest of ${where}`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new ManifestError(`manifest invalid: size of ${where}`);
  }
  const platform = decodePlatform(value.platform);
  const annotations = decodeTexts(value.annotations);
  return {
    mediaType: typeof mediaType === "string" ? mediaType : "",
    digest,
    size,
    ...(platform ? { platform } : {}),
    ...(annotations ? { annotations } : {}),
  };
}

function decodePlatform(value: unknown): Platform | undefined {
  if (!isObject(value)) return undefined;
  const { os, architecture, variant } = value;
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, ...(typeof variant === "string" && variant !== "" ? { variant } : {}) };
}

function decodeTexts(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ManifestError("manifest invalid: not JSON", { cause });
  }
  if (!isObject(value)) throw new ManifestError("manifest invalid: not an object");
  return value;
}
