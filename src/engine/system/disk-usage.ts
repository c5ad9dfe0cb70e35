/** `docker system df`: what images, containers and volumes take on disk. */

export type DiskUsageDeps = {
  /** As `GET /containers/json?all=1&size=1` has them. */
  containers: () => Promise<{ ImageID: string }[]>;
  /** As `GET /images/json` has them. */
  images: () => Promise<{ Id: string }[]>;
  /** As `GET /volumes` has them, with UsageData. */
  volumes: () => Promise<object[]>;
  /** Bytes of all image layers, shared ones once. */
  layersSize: () => Promise<number>;
};

const TYPES = ["container", "image", "volume", "build-cache"] as const;
export type DiskUsageType = (typeof TYPES)[number];

export function isDiskUsageType(text: string): text is DiskUsageType {
  return (TYPES as readonly string[]).includes(text);
}

/** @param types which parts are computed; [] for all */
export async function diskUsage(deps: DiskUsageDeps, types: DiskUsageType[]): Promise<object> {
  const wants = (type: DiskUsageType) => types.length === 0 || types.includes(type);
  const [LayersSize, Images, Containers, Volumes] = await Promise.all([
    wants("image") ? deps.layersSize() : 0,
    wants("image") ? deps.images() : null,
    wants("container") || wants("image") ? deps.containers() : [],
    wants("volume") ? deps.volumes() : null,
  ]);
  const counted = Images?.map((image) => ({
    ...image,
    Containers: Containers.filter(({ ImageID }) => ImageID === image.Id).length,
  }));
  return {
    LayersSize,
    Images: counted ?? null,
    Containers: wants("container") ? Containers : null,
    Volumes,
    BuildCache: wants("build-cache") ? [] : null,
  };
}
