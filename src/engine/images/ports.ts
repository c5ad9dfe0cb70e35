/** What the images ask of the outside; bodies in host/storage and host/registry. */
import type { Readable } from "node:stream";
import type { ImageManifestConfig } from "../../wire/image.ts";
import type { Descriptor } from "../../wire/manifest.ts";
import type { Reference } from "../../wire/reference.ts";

// -- storage ---------------------------------------------------------------------------------------------------------

export type StoredImage = {
  /** sha256:… of `raw` */
  id: string;
  raw: Buffer;
  config: ImageManifestConfig;
  /** image it was built or committed from here; SCRATCH if it was built of nothing; "" if it came from elsewhere */
  parent: string;
  /** RFC3339Nano of the last tag given here; docker's zero time for never */
  taggedAt: string;
};

/**
 * Tells what was built here from what came from elsewhere and says of itself that it was built so: that must never be
 * taken for a build's cache (CVE-2024-24557).
 */
export const SCRATCH = "scratch";

export interface ImageRecords {
  all(): StoredImage[];
  get(id: string): StoredImage | undefined;
  /** canonical reference (tag or digest) -> image id */
  references(): ReadonlyMap<string, string>;
  /** Add or update an image and give it names (taken away from others), at once. */
  save(image: StoredImage, names?: string[]): void;
  removeReference(name: string): void;
  /** The record and all its names. */
  remove(id: string): void;
}

export type Layer = {
  diffId: string;
  /** bytes of its files */
  size: number;
  /** its archive as it is kept */
  blob: { digest: string; size: number; compression: "none" | "gzip" | "zstd" };
  /** bytes of the uncompressed archive */
  tarSize: number;
  /** host directory of the unpacked layer */
  directory: string;
};

/** Keeps layers from being collected while no image has them yet. Dispose of it when the image is saved. */
export type Hold = { add(diffId: string): void; [Symbol.dispose](): void };

export type Progress = (current: number, total: number) => void;

/** Writes one piece; resolves when more is wanted. */
export type Sink = (chunk: Buffer) => Promise<void>;

export interface LayerStore {
  hold(): Hold;
  get(diffId: string): Layer | undefined;
  /** A layer that came from this very blob. */
  byBlob(digest: string): Layer | undefined;
  /**
   * Take in a blob whose digest is known: it is fetched, verified and unpacked; if it is there already, nothing is done.
   * The same blob asked for twice at once is fetched once.
   * @throws EngineError invalid on a wrong digest, size or diff id; nothing is kept then
   */
  addBlob(request: {
    digest: string;
    size: number;
    /** as the image's configuration states it */
    diffId: string;
    hold: Hold;
    fetch: (sink: Sink) => Promise<void>;
    onFetched?: () => void;
    onUnpack?: Progress;
  }): Promise<Layer>;
  /** Take in an archive, compressed or not, as a new layer, in one pass. diffId: verified if given. */
  addArchive(
    source: AsyncIterable<Buffer>,
    request: { hold: Hold; diffId?: string; onUnpack?: Progress },
  ): Promise<Layer>;
  /** The archive of a layer: `blob` as it is kept, `tar` uncompressed. */
  open(layer: Layer, form: "blob" | "tar"): AsyncIterable<Buffer>;
  /** Remove layers that no image, container or hold has. Returns their diff ids, top layers first, and freed bytes. */
  collect(): Promise<{ diffIds: string[]; bytes: number }>;
}

/** Files of an archive put aside on disk, for archives whose index comes last. */
export type OpenArchive = {
  /** Size in bytes; undefined if there is no such file. Symlinks of the archive (docker's old layouts) are followed. */
  size(name: string): number | undefined;
  /** @throws EngineError not-found, or too-large over `limit` */
  readAll(name: string, limit: number): Promise<Buffer>;
  read(name: string): AsyncIterable<Buffer>;
  close(): Promise<void>;
};
export interface Archives {
  /** @throws EngineError invalid when it is no tar archive */
  open(source: AsyncIterable<Buffer>): Promise<OpenArchive>;
  /** Compress into a temporary file, for registries, which want layers compressed. */
  gzip(
    source: AsyncIterable<Buffer>,
  ): Promise<{ digest: string; size: number; read(): Readable; remove(): Promise<void> }>;
}

// -- registry --------------------------------------------------------------------------------------------------------

/** What X-Registry-Auth carries. */
export type Credentials = {
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
};

export type FetchedManifest = { digest: string; mediaType: string; bytes: Buffer };

export interface Registry {
  /** Nothing is sent yet. actions: what tokens are asked for. */
  repository(name: Pick<Reference, "domain" | "path">, auth: Credentials, actions: "pull" | "pull,push"): Repository;
}

/** One repository at a registry (or one of its mirrors). Errors are EngineErrors with docker's texts. */
export interface Repository {
  /** @param reference tag or digest; a digest is verified */
  manifest(reference: string): Promise<FetchedManifest>;
  tags(): Promise<string[]>;
  /** Fetch a small blob, verified. */
  blob(descriptor: Descriptor, limit: number): Promise<Buffer>;
  /** Fetch into a sink; interrupted transfers are taken up where they broke. The caller verifies. */
  download(descriptor: Descriptor, sink: Sink, onProgress: Progress, signal: AbortSignal): Promise<void>;
  hasBlob(digest: string): Promise<boolean>;
  upload(
    blob: { digest: string; size: number; read(): AsyncIterable<Buffer> },
    onProgress: Progress,
    signal: AbortSignal,
  ): Promise<void>;
  /** @returns its digest */
  putManifest(reference: string, mediaType: string, bytes: Buffer): Promise<string>;
}
