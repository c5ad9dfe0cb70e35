/** What becomes of a build's image: names in this engine, or its files at the client's. */
import type { Builds } from "../../engine/build/index.ts";
import { invalid } from "../../engine/errors.ts";
import type { Images } from "../../engine/images/images.ts";
import { repoAndTag } from "../../engine/images/tag.ts";
import { canonicalString, familiarString } from "../../wire/reference.ts";
import type { KitBuild } from "./builds.ts";
import { sendFile, sendFiles } from "./file-send.ts";
import type { Sessions } from "./sessions.ts";

export type Exporter = { Type: string; Attrs: Record<string, string> };
export type ExportDeps = { images: Pick<Images, "tag">; builds: Pick<Builds, "imageFiles">; sessions: Sessions };
export type Exported = { build: KitBuild; exporters: Exporter[]; image: string | undefined; session: string };

/** Of this engine's images; "moby" is what dockerd calls its own. */
const HERE = new Set(["moby", "image", "docker"]);

/**
 * @returns what BuildKit's clients read: digests and names
 * @throws EngineError invalid on an exporter that there is not
 */
export async function exportImage(deps: ExportDeps, asked: Exported): Promise<Record<string, string>> {
  const response: Record<string, string> = {};
  for (const [output, { Type: type, Attrs: attributes }] of asked.exporters.entries()) {
    if (asked.image === undefined) throw invalid("there is no image to export");
    if (type === "local" || type === "tar") await sendImage(deps, asked, { image: asked.image, type, output });
    else if (!HERE.has(type)) throw invalid(`exporter ${JSON.stringify(type)} is not supported by this engine`);
    else if (attributes.push === "true") throw invalid("pushing is not the exporter's here: docker push");
    else Object.assign(response, await nameImage(deps, asked.build, asked.image, attributes));
  }
  return response;
}

type Sending = { image: string; type: "local" | "tar"; output: number };

async function sendImage(
  { builds, sessions }: ExportDeps,
  { build, session: id }: Exported,
  { image, type, output }: Sending,
): Promise<void> {
  const what = type === "local" ? "exporting to client directory" : "exporting to client tarball";
  await build.progress.during(what, async () => {
    const session = await sessions.find(id);
    const files = await builds.imageFiles(image);
    try {
      if (type === "local") await sendFiles(session, output, files);
      else await sendFile(session, output, files.archive());
    } finally {
      await files.close();
    }
  });
}

async function nameImage(
  { images }: ExportDeps,
  { progress }: KitBuild,
  image: string,
  attributes: Exporter["Attrs"],
): Promise<Record<string, string>> {
  const names = (attributes.name ?? "").split(",").filter(Boolean);
  const references = names.map((name) => {
    if (name.includes("@")) throw invalid("build tag cannot contain a digest");
    return repoAndTag(name, "");
  });
  await progress.during("exporting to image", async (vertex) => {
    vertex.did(`writing image ${image}`);
    for (const reference of references) {
      images.tag(image, { repo: familiarString(reference), tag: "" });
      vertex.did(`naming to ${canonicalString(reference)}`);
    }
  });
  return {
    "containerimage.digest": image,
    "containerimage.config.digest": image,
    ...(references.length > 0 && { "image.name": references.map(canonicalString).join(",") }),
  };
}
