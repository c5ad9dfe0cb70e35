/** What a registry has under a name: descriptor and platforms. */
import { decodeImageConfig } from "../../wire/decode-image.ts";
import { decodeManifest } from "../../wire/manifest.ts";
import type { Platform } from "../../wire/platform.ts";
import type { Reference } from "../../wire/reference.ts";
import type { Credentials, Registry } from "./ports.ts";

const CONFIG_LIMIT = 8 * 1024 * 1024;

export async function inspectDistribution(
  { registry }: { registry: Registry },
  reference: Reference,
  auth: Credentials,
): Promise<{ Descriptor: { mediaType: string; digest: string; size: number }; Platforms: Platform[] }> {
  const repository = registry.repository(reference, auth, "pull");
  const { bytes, digest, mediaType } = await repository.manifest(reference.digest ?? reference.tag ?? "latest");
  const manifest = decodeManifest(bytes, mediaType);
  const Descriptor = { mediaType: manifest.mediaType, digest, size: bytes.length };
  if (manifest.kind === "index") {
    return { Descriptor, Platforms: manifest.manifests.flatMap(({ platform }) => platform ?? []) };
  }
  const { architecture, os, variant } = decodeImageConfig(await repository.blob(manifest.config, CONFIG_LIMIT));
  return { Descriptor, Platforms: [{ architecture, os, ...(variant ? { variant } : {}) }] };
}
