import { ago } from "../text/duration.ts";
import { ellipsis, quote, shortId } from "../text/quote.ts";
import { humanSize } from "../text/size.ts";
import { goTime } from "../text/timestamp.ts";
import type { Columns } from "./list.ts";
import { displayPorts, type Port } from "./ports.ts";

/** What GET /containers/json says of one container, as far as it is shown. */
export type ContainerRow = {
  Id: string;
  Names?: string[] | null;
  Image?: string;
  ImageID?: string;
  Command?: string;
  Created?: number;
  Ports?: Port[] | null;
  SizeRw?: number;
  SizeRootFs?: number;
  Labels?: Record<string, string> | null;
  State?: string;
  Status?: string;
  NetworkSettings?: { Networks?: Record<string, unknown> | null } | null;
  Mounts?: { Name?: string; Source?: string; Driver?: string }[] | null;
};

export const psTable = (size: boolean): string =>
  `{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}${size ? "\t{{.Size}}" : ""}`;

/** @param trunc cuts ids, commands and names to what fits a table */
export function containerColumns(trunc: boolean): Columns<ContainerRow> {
  return {
    ID: { heading: "CONTAINER ID", show: (c) => (trunc ? shortId(c.Id) : c.Id) },
    Names: { heading: "NAMES", show: (c) => names(c.Names ?? [], trunc) },
    Image: { heading: "IMAGE", show: (c) => image(c, trunc) },
    Command: { heading: "COMMAND", show: (c) => quote(trunc ? ellipsis(c.Command ?? "", 20) : (c.Command ?? "")) },
    CreatedAt: { heading: "CREATED AT", show: (c) => goTime(c.Created ?? 0) },
    RunningFor: { heading: "CREATED", show: (c) => ago(c.Created ?? 0) },
    Ports: { heading: "PORTS", show: (c) => displayPorts(c.Ports ?? []) },
    State: { heading: "STATE", show: (c) => c.State ?? "" },
    Status: { heading: "STATUS", show: (c) => c.Status ?? "" },
    Size: { heading: "SIZE", show: size },
    Labels: { heading: "LABELS", show: (c) => labelsText(c.Labels) },
    Label: { heading: "", show: (c) => (name: unknown) => c.Labels?.[String(name)] ?? "" },
    Mounts: { heading: "MOUNTS", show: (c) => mounts(c, trunc) },
    LocalVolumes: {
      heading: "LOCAL VOLUMES",
      show: (c) => String((c.Mounts ?? []).filter((m) => m.Driver === "local").length),
    },
    Networks: { heading: "NETWORKS", show: (c) => Object.keys(c.NetworkSettings?.Networks ?? {}).join(",") },
    Platform: { heading: "PLATFORM", show: () => null },
  };
}

/** "a=1,b=2", sorted. */
export const labelsText = (labels: Record<string, string> | null | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");

function names(all: string[], trunc: boolean): string {
  const plain = all.map((name) => name.replace(/^\//, ""));
  // A name with a slash in it is a link's; a table has room for the container's own only.
  return trunc ? (plain.find((name) => !name.includes("/")) ?? "") : plain.join(",");
}

function image({ Image = "", ImageID = "" }: ContainerRow, trunc: boolean): string {
  if (Image === "") return "<no image>";
  if (!trunc) return Image;
  if (shortId(ImageID) === shortId(Image)) return shortId(Image);
  return Image.replace(/@[^@]*$/, "").replace(/^docker\.io\/(?:library\/)?/, "");
}

function size({ SizeRw = 0, SizeRootFs = 0 }: ContainerRow): string {
  return SizeRootFs > 0 ? `${humanSize(SizeRw, 3)} (virtual ${humanSize(SizeRootFs, 3)})` : humanSize(SizeRw, 3);
}

function mounts({ Mounts }: ContainerRow, trunc: boolean): string {
  return (Mounts ?? [])
    .map((mount) => mount.Name || mount.Source || "")
    .map((name) => (trunc ? ellipsis(name, 15) : name))
    .join(",");
}
