/**
 * docker CLIs before buildx: with DOCKER_BUILDKIT=1 they open a session, but ask for the build by POST /build?version=2, and are
 * told of it in JSON lines with BuildKit's status inside.
 */
import { MESSAGES } from "../../wire/buildkit/messages.ts";
import type { KitBuilds } from "./builds.ts";
import { type ExportDeps, type Exporter, exportImage } from "./export.ts";
import { failureText } from "./failure.ts";
import { type FrontendDeps, runFrontend } from "./frontend.ts";

export type PostedBuild = {
  /** by which it is known, and can be cancelled */
  id: string;
  session: string;
  /** as BuildKit's frontend has them */
  attributes: Record<string, string>;
  exporters: Exporter[];
};
export type Tell = (message: object) => void;

/** @returns the image's id, "" if there is none. @throws Error with BuildKit's text */
export async function postedBuild(
  deps: FrontendDeps & ExportDeps & { kitBuilds: KitBuilds },
  { id, session, attributes, exporters }: PostedBuild,
  tell: Tell,
  signal: AbortSignal,
): Promise<string> {
  const build = deps.kitBuilds.begin(id, { session, entitlements: [], signal });
  const told = (async () => {
    for await (const update of build.progress.updates(signal)) {
      const status = Buffer.from(MESSAGES.statusResponse.encode(update)).toString("base64");
      tell({ id: "moby.buildkit.trace", aux: status });
    }
  })();
  try {
    const ref = await runFrontend(deps, build, { frontend: "dockerfile.v0", attributes, id }, signal);
    const image = build.results.get(ref) ?? "";
    await exportImage(deps, { build, exporters, image });
    tell({ id: "moby.image.id", aux: { ID: image } });
    return image;
  } catch (error) {
    throw new Error(failureText(error), { cause: error });
  } finally {
    deps.uploads.drop(id);
    build.over();
    await told;
  }
}
