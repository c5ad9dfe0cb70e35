/** What `docker image inspect` shows at API 1.51; older shapes are made of it in the API. */
import { dirname, join } from "node:path";
import type { ImageConfig } from "../../wire/image.ts";
import { NEVER_TAGGED } from "./add-image.ts";
import { showImage, shownParent } from "./image-set.ts";
import type { ImageRecords, LayerStore, StoredImage } from "./ports.ts";

export type ImageInspect = Record<string, unknown> & { Id: string };

export function inspectImage(
  deps: { records: ImageRecords; layerStore: LayerStore },
  image: StoredImage,
): ImageInspect {
  const { config } = image;
  const shown = showImage(deps, image);
  const text = (key: string) => (typeof config[key] === "string" ? config[key] : "");
  return {
    Id: image.id,
    RepoTags: shown.repoTags,
    RepoDigests: shown.repoDigests,
    Parent: shownParent(image),
    Comment: text("comment") || (config.history?.at(-1)?.comment ?? ""),
    ...(config.created === undefined ? {} : { Created: config.created }),
    DockerVersion: text("docker_version"),
    Author: config.author ?? "",
    Config: config.config ? withoutEmpty(config.config) : null,
    Architecture: config.architecture,
    ...(config.variant ? { Variant: config.variant } : {}),
    Os: config.os || "linux",
    ...(text("os.version") ? { OsVersion: text("os.version") } : {}),
    Size: shown.size,
    GraphDriver: graphDriver(deps.layerStore, config.rootfs.diff_ids),
    RootFS: {
      Type: "layers",
      ...(config.rootfs.diff_ids.length > 0 ? { Layers: config.rootfs.diff_ids } : {}),
    },
    Metadata: { LastTagTime: image.taggedAt || NEVER_TAGGED },
  };
}

/** Docker leaves out what says nothing since API 1.50. */
function withoutEmpty(config: ImageConfig): ImageConfig {
  const says = (value: unknown) =>
    typeof value === "object" ? value !== null && Object.keys(value).length > 0 : value !== "" && value !== undefined;
  return Object.fromEntries(Object.entries(config).filter(([, value]) => says(value)));
}

/** Under the name that tools know; MergedDir and WorkDir exist, as with docker, in its containers only. */
function graphDriver(layerStore: LayerStore, diffIds: string[]): object {
  const directories = diffIds.flatMap((diffId) => layerStore.get(diffId)?.directory ?? []).reverse();
  const [top, ...lower] = directories;
  if (top === undefined) return { Data: null, Name: "overlay2" };
  return {
    Data: {
      ...(lower.length > 0 ? { LowerDir: lower.join(":") } : {}),
      MergedDir: join(dirname(top), "merged"),
      UpperDir: top,
      WorkDir: join(dirname(top), "work"),
    },
    Name: "overlay2",
  };
}
