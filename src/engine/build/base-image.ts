/** FROM: the image that a stage starts from. */
import { parsePlatform } from "../../wire/platform.ts";
import { parseReference, withDefaultTag } from "../../wire/reference.ts";
import { EngineError } from "../errors.ts";
import { checkPlatform } from "../images/image-set.ts";
import type { StoredImage } from "../images/ports.ts";
import type { Build, FinishedStage } from "./build.ts";
import { imageName } from "./named-contexts.ts";

/** An earlier stage of this build; the last of that name, where BuildKit's dialect lets there be several. */
export function stageNamed({ done }: Build, name: string): FinishedStage | undefined {
  return done.findLast((stage) => stage.name !== "" && stage.name === name.toLowerCase());
}

/**
 * An image by name; asked of its registry if it is not here, or if the build asks for all.
 * @param platform os/arch[/variant], "" for any
 * @returns undefined for scratch
 */
export async function baseImage(build: Build, asked: string, platform: string): Promise<StoredImage | undefined> {
  const name = imageName(build, asked);
  if (name === "scratch") return undefined;
  const { images } = build.deps;
  if (!build.request.pull) {
    try {
      return findImage(build, name, platform);
    } catch (error) {
      if (!(error instanceof EngineError && error.kind === "not-found")) throw error;
    }
  }
  const reference = withDefaultTag(parseReference(name));
  await images.pull(
    {
      reference,
      auth: await build.request.credentials(reference.domain),
      signal: build.signal,
      ...(platform && { platform: parsePlatform(platform, images.host) }),
    },
    (message) => build.output({ kind: "pull", message }),
  );
  return findImage(build, name, platform);
}

function findImage({ deps: { images } }: Build, name: string, platform: string): StoredImage {
  const image = images.findStored(name);
  if (platform !== "") checkPlatform(image, name, parsePlatform(platform, images.host));
  return image;
}
