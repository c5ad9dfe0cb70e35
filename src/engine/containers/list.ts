/** `docker ps`: the filtered list of containers, newest first. */
import type { EndpointSettings } from "../../wire/container.ts";
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
  deps: Pick<Deps, "store" | "layers" | "clock">,
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
  return Promise.all(chosen.map((record) => summary(deps, record, now, options.size)));
}

async function summary(
  deps: Pick<Deps, "layers">,
  record: ContainerRecord,
  now: number,
  size: boolean,
): Promise<ContainerSummary> {
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.image,
    ImageID: record.imageId,
    Command: [record.path, ...record.args.map((arg) => (arg.includes(" ") ? `'${arg}'` : arg))].join(" "),
    Created: Math.floor(Date.parse(record.created) / 1000),
    Ports: exposedPorts(record),
    ...(size && (await sizes(deps, record))),
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
