/**
 * docker pull:
 *
 *     manifest (an index: the platform's) -> configuration -> layers, three at a time -> image and names, at once
 *
 * Everything is verified by its digest before it is used; a pull that fails leaves nothing.
 */
import { decodeImageConfig } from "../../wire/decode-image.ts";
import type { ImageManifestConfig } from "../../wire/image.ts";
import { type Descriptor, decodeManifest, isLayerMediaType, type Manifest } from "../../wire/manifest.ts";
import { choosePlatform, formatPlatform, type Platform } from "../../wire/platform.ts";
import { familiarName, familiarString, type Reference, withDigest, withTag } from "../../wire/reference.ts";
import { EngineError, invalid, notFound } from "../errors.ts";
import { type AddImageDeps, saveImage } from "./add-image.ts";
import { concurrently } from "./concurrently.ts";
import { imageEvent } from "./image-event.ts";
import { shortId, storedByReference } from "./image-set.ts";
import type { Credentials, FetchedManifest, Hold, Registry, Repository } from "./ports.ts";
import { type Report, stepReporter } from "./progress.ts";

export type PullDeps = AddImageDeps & { registry: Registry };
export type PullRequest = {
  /** with tag or digest; with neither, all tags are pulled */
  reference: Reference;
  /** undefined: the host's */
  platform?: Platform;
  auth: Credentials;
  signal: AbortSignal;
};

const CONCURRENT_LAYERS = 3;
const CONFIG_LIMIT = 8 * 1024 * 1024;

/** @throws EngineError not-found, invalid, internal with docker's texts */
export async function pullImage(deps: PullDeps, request: PullRequest, report: Report): Promise<void> {
  const { reference, auth } = request;
  const repository = deps.registry.repository(reference, auth, "pull");
  try {
    const all = reference.tag === undefined && reference.digest === undefined;
    const references = all ? (await repository.tags()).map((tag) => withTag(reference, tag)) : [reference];
    let changed = false;
    for (const one of references) {
      changed = (await pullOne(deps, repository, { ...request, reference: one }, report)) || changed;
    }
    const name = familiarString(reference);
    report({ status: `Status: ${changed ? "Downloaded newer image" : "Image is up to date"} for ${name}` });
    imageEvent(deps, "pull", name, familiarName(reference));
  } catch (error) {
    throw translated(error, reference);
  } finally {
    await deps.layerStore.collect();
  }
}

/** @returns whether the reference means another image now */
async function pullOne(
  deps: PullDeps,
  repository: Repository,
  { reference, platform, signal }: PullRequest,
  report: Report,
): Promise<boolean> {
  const top = await repository.manifest(reference.digest ?? reference.tag ?? "latest");
  report({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? "" });
  const { config: configDescriptor, layers } = await imageManifest(repository, top, platform ?? deps.host);
  const names = [...(reference.digest ? [] : [reference]), withDigest(reference, top.digest)];
  const before = storedByReference(deps, names[0] ?? reference)?.id;
  const known = deps.records.get(configDescriptor.digest);
  using hold = deps.layerStore.hold();
  let raw = known?.raw;
  if (!raw || !known?.config.rootfs.diff_ids.every((diffId) => deps.layerStore.get(diffId))) {
    raw ??= await repository.blob(configDescriptor, CONFIG_LIMIT);
    const config = decodeImageConfig(raw);
    checkImage(config, layers, reference, platform);
    await pullLayers(deps, repository, { layers, diffIds: config.rootfs.diff_ids, hold, signal }, report);
  } else if (platform) checkImage(known.config, layers, reference, platform);
  const image = saveImage(deps, { raw, names, tagged: false });
  report({ status: `Digest: ${top.digest}` });
  return before !== image.id;
}

/** Follow an index to the platform's image. */
async function imageManifest(
  repository: Repository,
  top: FetchedManifest,
  wanted: Platform,
): Promise<Extract<Manifest, { kind: "image" }>> {
  const manifest = decodeManifest(top.bytes, top.mediaType);
  if (manifest.kind === "image") return manifest;
  const chosen =
    manifest.manifests[
      choosePlatform(
        manifest.manifests.map(({ platform }) => platform),
        wanted,
      )
    ];
  if (!chosen) {
    throw notFound(`no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`);
  }
  const fetched = await repository.manifest(chosen.digest);
  const inner = decodeManifest(fetched.bytes, fetched.mediaType);
  if (inner.kind !== "image") throw invalid("manifest invalid: an index within an index");
  return inner;
}

function checkImage(
  config: ImageManifestConfig,
  layers: Descriptor[],
  reference: Reference,
  platform: Platform | undefined,
): void {
  if (config.rootfs.diff_ids.length !== layers.length) {
    throw invalid("layers from manifest don't match image configuration");
  }
  const foreign = layers.find(({ mediaType }) => !isLayerMediaType(mediaType));
  if (foreign) throw invalid(`unsupported layer media type: ${foreign.mediaType}`);
  const { os, architecture, variant } = config;
  const have = { os: os || "linux", architecture, ...(variant ? { variant } : {}) };
  if (platform && choosePlatform([have], platform) < 0) {
    throw notFound(
      `image with reference ${familiarString(reference)} was found but its platform (${formatPlatform(have)}) does not match the specified platform (${formatPlatform(platform)})`,
    );
  }
}

type LayersToPull = { layers: Descriptor[]; diffIds: string[]; hold: Hold; signal: AbortSignal };

async function pullLayers(
  { layerStore }: PullDeps,
  repository: Repository,
  { layers, diffIds, hold, signal }: LayersToPull,
  report: Report,
): Promise<void> {
  const missing: { descriptor: Descriptor; diffId: string; id: string }[] = [];
  for (const [index, descriptor] of layers.entries()) {
    const diffId = diffIds[index] ?? "";
    const id = shortId(descriptor.digest);
    hold.add(diffId);
    const there = layerStore.get(diffId) !== undefined;
    report({ status: there ? "Already exists" : "Pulling fs layer", progressDetail: {}, id });
    if (!there) missing.push({ descriptor, diffId, id });
  }
  for (const { id } of missing.slice(CONCURRENT_LAYERS)) report({ status: "Waiting", progressDetail: {}, id });
  await concurrently(missing, CONCURRENT_LAYERS, signal, async ({ descriptor, diffId, id }, aborted) => {
    const { digest, size } = descriptor;
    await layerStore.addBlob({
      ...{ digest, size, diffId, hold },
      fetch: (sink) => repository.download(descriptor, sink, stepReporter(report, id, "Downloading"), aborted),
      onFetched: () => {
        report({ status: "Verifying Checksum", progressDetail: {}, id });
        report({ status: "Download complete", progressDetail: {}, id });
      },
      onUnpack: stepReporter(report, id, "Extracting"),
    });
    report({ status: "Pull complete", progressDetail: {}, id });
  });
}

/** What the registry refused, in the sentence that docker makes of it. */
function translated(error: unknown, reference: Reference): unknown {
  if (!(error instanceof EngineError)) return error;
  if (error.kind === "not-found" && /^(manifest|name) unknown/.test(error.message)) {
    return notFound(`manifest for ${familiarString(reference)} not found: ${error.message}`);
  }
  if (error.kind === "unauthorized" || (error.kind === "forbidden" && /denied/.test(error.message))) {
    return notFound(
      `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login': ${error.message}`,
    );
  }
  return error;
}
