/** What becomes of a build's image: names in this engine, or its files at the client's. */
import type { Builds } from "../../engine/build/index.ts";
import { invalid } from "../../engine/errors.ts";
import type { Images } from "../../engine/images/images.ts";
import { repoAndTag } from "../../engine/images/tag.ts";
import { canonicalString, familiarString, type Reference } from "../../wire/reference.ts";
import type { KitBuild } from "./builds.ts";
import { sendFile, sendFiles } from "./file-send.ts";
import type { Sessions } from "./sessions.ts";

export type Exporter = { Type: string; Attrs: Record<string, string> };
export type ExportDeps = { images: Pick<Images, "tag">; builds: Pick<Builds, "imageFiles">; sessions: Sessions };
export type Exported = { build: KitBuild; exporters: Exporter[]; image: string | undefined };

/** Of this engine's images; "moby" is what dockerd calls its own. */
const HERE = new Set(["moby", "image", "docker"]);

/**
 * @returns what BuildKit's clients read: digests and names
 * @throws EngineError invalid on an exporter or a name that there is not, before anything is exported
 */
export async function exportImage(deps: ExportDeps, { build, exporters, image }: Exported): Promise<Response> {
  const works = exporters.map((exporter, output) => workOf(deps, build, exporter, output));
  const response: Response = {};
  for (const work of works) {
    if (image === undefined) throw invalid("there is no image to export");
    Object.assign(response, await work(image));
  }
  return response;
}

type Response = Record<string, string>;

function workOf(
  deps: ExportDeps,
  build: KitBuild,
  { Type: type, Attrs: attributes }: Exporter,
  output: number,
): (image: string) => Promise<Response | undefined> {
  if (type === "local" || type === "tar") return (image) => sendImage(deps, build, { image, type, output });
  if (!HERE.has(type)) throw invalid(`exporter ${JSON.stringify(type)} is not supported by this engine`);
  if (attributes.push === "true") throw invalid("pushing is not the exporter's here: docker push");
  const references = referencesOf(attributes.name ?? "");
  return (image) => nameImage(deps, build, image, references);
}

type Sending = { image: string; type: "local" | "tar"; output: number };

async function sendImage(
  { builds, sessions }: ExportDeps,
  build: KitBuild,
  { image, type, output }: Sending,
): Promise<undefined> {
  const what = type === "local" ? "exporting to client directory" : "exporting to client tarball";
  await build.progress.during(what, async () => {
    const session = await sessions.find(build.session, build.signal);
    const files = await builds.imageFiles(image);
    try {
      if (type === "local") await sendFiles(session, output, files);
      else await sendFile(session, output, files.archive());
    } finally {
      await files.close();
    }
  });
}

function referencesOf(names: string): Reference[] {
  return names
    .split(",")
    .filter(Boolean)
    .map((name) => {
      if (name.includes("@")) throw invalid("build tag cannot contain a digest");
      return repoAndTag(name, "");
    });
}

async function nameImage(
  { images }: ExportDeps,
  { progress }: KitBuild,
  image: string,
  references: Reference[],
): Promise<Response> {
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
