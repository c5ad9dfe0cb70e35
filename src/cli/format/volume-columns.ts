import { humanSize } from "../text/size.ts";
import { labelsText } from "./container-columns.ts";
import type { Columns } from "./list.ts";

/** What the API says of one volume, as far as it is shown. */
export type Volume = {
  Name: string;
  Driver?: string;
  Scope?: string;
  Mountpoint?: string;
  Labels?: Record<string, string> | null;
  UsageData?: { RefCount?: number; Size?: number } | null;
};

export const volumeColumns: Columns<Volume> = {
  Name: { heading: "VOLUME NAME", show: ({ Name }) => Name },
  Driver: { heading: "DRIVER", show: ({ Driver }) => Driver ?? "" },
  Scope: { heading: "SCOPE", show: ({ Scope }) => Scope ?? "" },
  Mountpoint: { heading: "MOUNTPOINT", show: ({ Mountpoint }) => Mountpoint ?? "" },
  Labels: { heading: "LABELS", show: ({ Labels }) => labelsText(Labels) },
  Label: {
    heading: "",
    show:
      ({ Labels }) =>
      (name: unknown) =>
        Labels?.[String(name)] ?? "",
  },
  Links: { heading: "LINKS", show: ({ UsageData }) => (UsageData ? String(UsageData.RefCount ?? 0) : "N/A") },
  Size: { heading: "SIZE", show: ({ UsageData }) => (UsageData ? humanSize(UsageData.Size ?? 0) : "N/A") },
  Availability: { heading: "AVAILABILITY", show: () => "N/A" },
  Group: { heading: "GROUP", show: () => "N/A" },
  Status: { heading: "STATUS", show: () => "N/A" },
};
