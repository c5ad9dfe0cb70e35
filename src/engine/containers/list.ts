/** `docker ps`: the filtered list of containers, newest first. */
import type { EndpointSettings } from "../../wire/container.ts";
import { EngineError } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps } from "./deps.ts";
import { endpointsShown, type MountShown, mountsShown } from "./inspect-parts.ts";
import { isRunning } from "./live.ts";
import { exposedPorts } from "./ports-shown.ts";
import { statusText } from "./status-text.ts";

export type ListOptions = {
  all: boolean;
  size: boolean;
  /** <= 0: no limit */
  limit: number;
  /** all filters but the default one ("running") */
  matches: (record: ContainerRecord) => boolean;
  /** a filter that finds stopped containers too is set */
  includeStopped: boolean;
};

export type PortShown = { IP?: string; PrivatePort: number; PublicPort?: number; Type: string };

export type ContainerSummary = {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  Created: number;
  Ports: PortShown[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: string;
  Status: string;
  HostConfig: { NetworkMode: string; Annotations?: Record<string, string> };
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  Mounts: MountShown[];
};

/** Never waits for a container that is starting. */
export async function listContainers(
  deps: Pick<Deps, "store" | "layers" | "clock" | "images">,
  options: ListOptions,
): Promise<ContainerSummary[]> {
  const everything = options.all || options.includeStopped || options.limit > 0;
  const now = Date.parse(deps.clock.now());
  const chosen: ContainerRecord[] = [];
  for (const { record } of deps.store.all().reverse()) {
    if (!everything && !isRunning(record)) continue;
    if (!options.matches(record)) continue;
    chosen.push(record);
    if (options.limit > 0 && chosen.length >= options.limit) break;
  }
  const images = await currentImages(deps, chosen);
  return Promise.all(
    chosen.map((record) => {
      // A name that means another image by now would lie.
      const image = images.get(record.image) === record.imageId ? record.image : record.imageId;
      return summary(deps, { record, image, now, size: options.size });
    }),
  );
}

/** What the images' names mean now: name -> id. */
async function currentImages(
  { images }: Pick<Deps, "images">,
  records: ContainerRecord[],
): Promise<Map<string, string | undefined>> {
  const names = new Set(records.map(({ image }) => image));
  const ids = await Promise.all([...names].map(async (name) => [name, await idOf(images, name)] as const));
  return new Map(ids);
}

async function idOf(images: Deps["images"], name: string): Promise<string | undefined> {
  try {
    return (await images.find(name)).id;
  } catch (error) {
    if (error instanceof EngineError && (error.kind === "not-found" || error.kind === "invalid")) return undefined;
    throw error;
  }
}

async function summary(
  deps: Pick<Deps, "layers">,
  { record, image, now, size }: { record: ContainerRecord; image: string; now: number; size: boolean },
): Promise<ContainerSummary> {
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: image,
    ImageID: record.imageId,
    Command: [record.path, ...record.args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" "),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: exposedPorts(record),
    ...(size && (await sizesListed(deps, record))),
    Labels: record.config.Labels,
    State: record.state.status,
    Status: statusText(record, now),
    HostConfig: {
      NetworkMode: record.hostConfig.NetworkMode,
      ...(record.hostConfig.Annotations && { Annotations: record.hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: endpointsShown(record) },
    Mounts: mountsShown(record),
  };
}

/** Docker leaves a 0 out of a list, but not of inspect. */
async function sizesListed(deps: Pick<Deps, "layers">, record: ContainerRecord) {
  const { SizeRw, SizeRootFs } = await sizes(deps, record);
  return { ...(SizeRw !== 0 && { SizeRw }), SizeRootFs };
}

/** Bytes of the container's own layer, and of everything it sees. */
export async function sizes(
  { layers }: Pick<Deps, "layers">,
  record: Pick<ContainerRecord, "id" | "diffIds">,
): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const [own, image] = await Promise.all([
    layers.containerLayerSize(record.id),
    layers.imageLayersSize(record.diffIds),
  ]);
  return { SizeRw: own, SizeRootFs: own + image };
}
