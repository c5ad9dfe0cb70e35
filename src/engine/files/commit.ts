/** docker commit: a container's own layer becomes the top layer of a new image. */
import type { ContainerConfig } from "../../wire/container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { familiarString, type Reference } from "../../wire/reference.ts";
import type { ContainerRecord } from "../containers/container.ts";
import type { Deps } from "../containers/deps.ts";
import { hasProcess, type LiveContainer } from "../containers/live.ts";
import { publish } from "../containers/publish.ts";
import { conflict, invalid } from "../errors.ts";
import { applyChanges } from "../images/changes.ts";
import type { Images } from "../images/images.ts";
import type { StoredImage } from "../images/ports.ts";
import { repoAndTag } from "../images/tag.ts";
import { containerMountPoints, notOfTheUser, type OwnLayer } from "./mount-points.ts";
import type { FileHost } from "./ports.ts";
import { type FileDeps, layerOf } from "./reach.ts";

export type CommitDeps = FileDeps &
  Pick<Deps, "clock"> & {
    images: Pick<Images, "addImage" | "findStored">;
    pause(ref: string): Promise<void>;
    unpause(ref: string): Promise<void>;
  };

export type CommitRequest = {
  container: string;
  /** "" for an untagged image */
  repo: string;
  tag: string;
  comment: string;
  author: string;
  /** Dockerfile instructions */
  changes: string[];
  pause: boolean;
  /** stands in for the container's configuration; what it leaves empty is taken from that */
  config?: ContainerConfig | undefined;
};

/** @returns the new image's id. @throws not-found, invalid, conflict; InvalidInput on a malformed name */
export async function commitContainer(deps: CommitDeps, request: CommitRequest): Promise<string> {
  if (request.container === "") throw invalid('invalid name or ID supplied: ""');
  const container = deps.store.find(request.container);
  const { record, live } = container;
  if (live.removing || record.state.status === "dead") {
    throw conflict(`You cannot commit container ${record.id} which is being removed`);
  }
  const names = request.repo === "" ? [] : [repoAndTag(request.repo, request.tag)];
  const config = applyChanges(configOf(record.config, request.config), request.changes);
  const image = await paused(deps, container, request.pause, () => addLayer(deps, record, { request, names, config }));
  const [name] = names;
  publish(deps.events, record, "commit", {
    comment: request.comment,
    imageID: image.id,
    imageRef: name ? familiarString(name) : "",
  });
  return image.id;
}

type Planned = { request: CommitRequest; names: Reference[]; config: ImageConfig };

async function addLayer(
  deps: CommitDeps,
  record: ContainerRecord,
  { request, names, config }: Planned,
): Promise<StoredImage> {
  const layer = await committedLayer(deps.host, { id: record.id, layer: await layerOf(deps, record) });
  return deps.images.addImage({
    parent: deps.images.findStored(record.imageId),
    ...(layer && { layer }),
    config,
    author: request.author,
    history: {
      created: deps.clock.now(),
      created_by: (record.config.Cmd ?? []).join(" "),
      ...(request.author && { author: request.author }),
      ...(request.comment && { comment: request.comment }),
    },
    names,
  });
}

/**
 * What a container's own layer is as an image's.
 * @param made see notOfTheUser
 * @returns undefined for nothing: an image gets no layer that is empty
 */
export async function committedLayer(
  host: Pick<FileHost, "layerEntries" | "layerArchive">,
  own: OwnLayer,
  made?: ReadonlySet<string>,
): Promise<AsyncIterable<Buffer> | undefined> {
  const left = await notOfTheUser(host, own, made);
  const keep = (path: string) => !containerMountPoints.has(path) && !left.has(path);
  for await (const { path } of host.layerEntries(own)) if (keep(path)) return host.layerArchive(own.layer, keep);
  return undefined;
}

/** So that no file is caught half written. */
async function paused<T>(
  deps: CommitDeps,
  container: LiveContainer,
  wanted: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const { record } = container;
  if (!wanted || !hasProcess(record) || isPaused(record)) return work();
  await deps.pause(record.id);
  try {
    return await work();
  } finally {
    // It may have been killed or removed meanwhile; then there is nothing to be woken.
    if (isPaused(record)) await deps.unpause(record.id);
  }
}

function isPaused({ state }: ContainerRecord): boolean {
  return state.status === "paused";
}

/** The client's configuration where it says something, else the container's. */
function configOf(own: ContainerConfig, client: ContainerConfig | undefined): ImageConfig {
  const given = client ? Object.fromEntries(Object.entries(client).filter(([, value]) => isSaid(value))) : {};
  const merged: ContainerConfig = { ...own, ...given };
  return {
    ...(merged.User && { User: merged.User }),
    ...(merged.ExposedPorts && { ExposedPorts: merged.ExposedPorts }),
    ...(merged.Env && { Env: merged.Env }),
    Entrypoint: merged.Entrypoint,
    Cmd: merged.Cmd,
    ...(merged.Volumes && { Volumes: merged.Volumes }),
    ...(merged.WorkingDir && { WorkingDir: merged.WorkingDir }),
    Labels: merged.Labels,
    ...(merged.StopSignal && { StopSignal: merged.StopSignal }),
    ...(merged.Healthcheck && { Healthcheck: merged.Healthcheck }),
    OnBuild: merged.OnBuild,
    ...(merged.Shell && { Shell: merged.Shell }),
  };
}

function isSaid(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
