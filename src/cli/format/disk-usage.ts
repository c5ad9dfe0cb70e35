import { ago } from "../text/duration.ts";
import { humanSize } from "../text/size.ts";
import type { ContainerRow } from "./container-columns.ts";
import type { ImageSummary } from "./image-columns.ts";
import type { Columns } from "./list.ts";
import type { Volume } from "./volume-columns.ts";

/** What GET /system/df says. */
export type Usage = {
  LayersSize?: number;
  Images?: ImageSummary[] | null;
  Containers?: ContainerRow[] | null;
  Volumes?: Volume[] | null;
  BuildCache?: CacheRow[] | null;
};
export type CacheRow = {
  ID: string;
  Type?: string;
  Size?: number;
  CreatedAt?: string;
  LastUsedAt?: string | null;
  UsageCount?: number;
  InUse?: boolean;
  Shared?: boolean;
};

type Row = { type: string; total: number; active: number; size: number; reclaimable: number };

export const usageColumns: Columns<Row> = {
  Type: { heading: "TYPE", show: (row) => row.type },
  TotalCount: { heading: "TOTAL", show: (row) => String(row.total) },
  Active: { heading: "ACTIVE", show: (row) => String(row.active) },
  Size: { heading: "SIZE", show: (row) => humanSize(row.size) },
  Reclaimable: { heading: "RECLAIMABLE", show: reclaimable },
};

function reclaimable({ type, reclaimable, size }: Row): string {
  const text = humanSize(reclaimable);
  return size > 0 && type !== "Build Cache" ? `${text} (${Math.trunc((reclaimable * 100) / size)}%)` : text;
}

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);

/** The four lines of `system df`, counted as docker's client counts them. */
export function usageRows({ LayersSize = 0, Images, Containers, Volumes, BuildCache }: Usage): Row[] {
  const images = Images ?? [];
  const containers = Containers ?? [];
  const volumes = Volumes ?? [];
  const cache = BuildCache ?? [];
  const imagesUsed = images.filter((image) => (image.Containers ?? 0) > 0);
  const inUse = sum(
    imagesUsed
      .filter((image) => (image.Size ?? -1) !== -1 && (image.SharedSize ?? -1) !== -1)
      .map((image) => (image.Size ?? 0) - (image.SharedSize ?? 0)),
  );
  const running = containers.filter((row) => /running|paused|restarting/.test(row.State ?? ""));
  const volumeSize = (list: Volume[]) => sum(list.map((volume) => Math.max(0, volume.UsageData?.Size ?? 0)));
  const linked = volumes.filter((volume) => (volume.UsageData?.RefCount ?? 0) > 0);
  const size = (list: ContainerRow[]) => sum(list.map((row) => row.SizeRw ?? 0));
  return [
    {
      type: "Images",
      total: images.length,
      active: imagesUsed.length,
      size: LayersSize,
      reclaimable: LayersSize - inUse,
    },
    {
      type: "Containers",
      total: containers.length,
      active: running.length,
      size: size(containers),
      reclaimable: size(containers) - size(running),
    },
    {
      type: "Local Volumes",
      total: volumes.length,
      active: linked.length,
      size: volumeSize(volumes),
      reclaimable: volumeSize(volumes) - volumeSize(linked),
    },
    {
      type: "Build Cache",
      total: cache.length,
      active: cache.filter((row) => row.InUse).length,
      size: sum(cache.filter((row) => !row.Shared).map((row) => row.Size ?? 0)),
      reclaimable: sum(cache.filter((row) => !row.InUse && !row.Shared).map((row) => row.Size ?? 0)),
    },
  ];
}

const since = (time: string | null | undefined) => (time ? ago(Date.parse(time) / 1000) : "");

export const cacheColumns: Columns<CacheRow> = {
  ID: { heading: "CACHE ID", show: (row) => row.ID.slice(0, 12) },
  CacheType: { heading: "CACHE TYPE", show: (row) => row.Type ?? "" },
  Size: { heading: "SIZE", show: (row) => humanSize(row.Size ?? 0, 3) },
  CreatedSince: { heading: "CREATED", show: (row) => since(row.CreatedAt) },
  LastUsedSince: { heading: "LAST USED", show: (row) => since(row.LastUsedAt) },
  UsageCount: { heading: "USAGE", show: (row) => String(row.UsageCount ?? 0) },
  Shared: { heading: "SHARED", show: (row) => String(row.Shared ?? false) },
};
