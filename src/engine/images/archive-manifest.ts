/** manifest.json of docker save: which files of the archive make which image. */
import { InvalidInput } from "../../lib/invalid-input.ts";

export type ArchiveImage = {
  /** path in the archive */
  config: string;
  /** what it must hash to, where something says so */
  configDigest?: string;
  /** bottom first; digest: what the file must hash to, where something says so */
  layers: { path: string; digest?: string }[];
  tags: string[];
};

const MAX_IMAGES = 1000;

/** @throws InvalidInput */
export function decodeSaveManifest(bytes: Buffer): ArchiveImage[] {
  const wrong = (cause?: unknown) => new InvalidInput("invalid archive: manifest.json is malformed", { cause });
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw wrong(error);
  }
  if (!Array.isArray(value) || value.length > MAX_IMAGES) throw wrong();
  return value.map((item: unknown) => {
    if (typeof item !== "object" || item === null) throw wrong();
    const { Config, RepoTags, Layers } = item as Record<string, unknown>;
    if (typeof Config !== "string" || !isTexts(Layers ?? []) || !isTexts(RepoTags ?? [])) throw wrong();
    return {
      config: Config,
      layers: ((Layers ?? []) as string[]).map((path) => ({ path })),
      tags: (RepoTags ?? []) as string[],
    };
  });
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
