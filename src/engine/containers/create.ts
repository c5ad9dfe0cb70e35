/** Create a container: everything is checked, merged and written down; nothing runs. */
import { undoStack } from "../../lib/undo.ts";
import { type ContainerConfig, emptyEndpointSettings, type HostConfig, type MountPoint } from "../../wire/container.ts";
import type { CreateRequest } from "../../wire/decode-container.ts";
import type { Image } from "../../wire/image.ts";
import { invalid } from "../errors.ts";
import type { ContainerLayer } from "../ports.ts";
import type { ContainerRecord } from "./container.ts";
import { containerCgroup } from "./container-cgroup.ts";
import type { Deps } from "./deps.ts";
import { discardUnsupported } from "./discard-unsupported.ts";
import { checkEgress } from "./egress-request.ts";
import { findOther } from "./find-other.ts";
import { withDefaults } from "./host-config-defaults.ts";
import { checkLab } from "./lab.ts";
import { resolveLinks } from "./links.ts";
import { checkMacAddress } from "./mac-address.ts";
import { mergeImage } from "./merge-image.ts";
import { sharedWith } from "./modes.ts";
import { wantedMounts } from "./mount-points.ts";
import type { WantedMount } from "./mount-texts.ts";
import { publish } from "./publish.ts";
import { validateConfig } from "./validate-config.ts";
import { validateHostConfig } from "./validate-host-config.ts";

type CreateDeps = Pick<
  Deps,
  | "store"
  | "images"
  | "layers"
  | "volumes"
  | "files"
  | "paths"
  | "clock"
  | "newId"
  | "events"
  | "settings"
  | "cgroups"
  | "log"
>;

/**
 * @param request.name "" for an invented one
 * @param request.platform os/arch[/variant] that the image must have, or undefined
 * @returns docker's answer. Throws not-found (the image, nothing else: the CLI pulls it then), invalid, conflict (name); all is undone then.
 */
export async function createContainer(
  deps: CreateDeps,
  request: CreateRequest & { name: string; platform?: string | undefined },
): Promise<{ Id: string; Warnings: string[] }> {
  const { config: asked, hostConfig: askedHost } = request;
  if (asked.Image === "") throw invalid("config cannot be empty in order to create a container");
  await using undo = undoStack((error) => deps.log("undo of a failed create", { error }));
  const id = deps.newId();
  const name = deps.store.reserveName(request.name, id);
  undo.add(() => deps.store.releaseName(name));

  validateConfig(asked);
  const image = await deps.images.find(asked.Image, request.platform);
  const config = mergeImage(asked, image.config.config ?? {});
  validateConfig(config);
  const warnings = validateHostConfig(askedHost, asked, deps.settings);
  checkEgress(config, askedHost);
  checkLab(askedHost, deps.settings.lab ?? false);
  const supported = discardUnsupported(askedHost, deps.settings.features);
  const hostConfig = withDefaults(deps, supported.limits);
  resolveShared(deps, hostConfig);
  if (config.Hostname === "" && sharedWith(hostConfig.NetworkMode) === undefined) {
    const sharesName = hostConfig.NetworkMode === "host" || hostConfig.UTSMode === "host";
    config.Hostname = sharesName ? deps.settings.hostHostname : id.slice(0, 12);
  }
  hostConfig.Links = resolveLinks(deps.store, hostConfig);
  const path = containerCgroup(deps, hostConfig, id);
  const wanted = wantedMounts(deps, hostConfig, config);
  const networking = networkingOf(request, hostConfig);
  warnings.push(...checkMacAddress(config.MacAddress, networking[hostConfig.NetworkMode]));

  undo.add(() => deps.files.remove(id));
  undo.add(() => deps.layers.removeContainerLayer(id));
  const layer = await deps.layers.createContainerLayer(id, image.config.rootfs.diff_ids);
  undo.add(() => deps.volumes.release(id, true));
  await findImageMounts(deps, id, wanted);
  const mounts = await acquireVolumes(deps, { id, layer, wanted });

  const container = deps.store.add({
    ...skeleton(deps, { id, name, image, config, hostConfig }),
    networking,
    mounts,
    mountDetails: Object.fromEntries(wanted.map(({ point, detail }) => [point.Destination, detail])),
    cgroupPath: path,
    layer,
  });
  undo.keep();
  publish(deps.events, container.record, "create");
  return { Id: id, Warnings: [...warnings, ...supported.warnings] };
}

type Parts = { id: string; name: string; image: Image; config: ContainerConfig; hostConfig: HostConfig };
const NEVER = "0001-01-01T00:00:00Z";

function skeleton(deps: Pick<Deps, "clock">, { id, name, image, config, hostConfig }: Parts) {
  const [path = "", ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  return {
    id,
    name,
    created: deps.clock.now(),
    path,
    args,
    image: config.Image,
    imageId: image.id,
    diffIds: image.config.rootfs.diff_ids,
    platform: image.config.os || "linux",
    config,
    hostConfig,
    state: { status: "created", exitCode: 0, error: "", startedAt: NEVER, finishedAt: NEVER, oomKilled: false },
    restartCount: 0,
    stoppedByUser: false,
    endpoints: [],
    ports: [],
  } satisfies Partial<ContainerRecord>;
}

/** container:NAME becomes container:ID, so that a rename cannot change what is shared. Throws invalid. */
function resolveShared({ store }: Pick<Deps, "store">, host: HostConfig): void {
  for (const mode of ["NetworkMode", "IpcMode", "PidMode"] as const) {
    const ref = sharedWith(host[mode]);
    if (ref !== undefined) host[mode] = `container:${findOther(store, ref).record.id}`;
  }
}

/** The network of NetworkMode and those of NetworkingConfig; "default" is bridge. */
function networkingOf({ networking }: CreateRequest, { NetworkMode: mode }: HostConfig): ContainerRecord["networking"] {
  if (sharedWith(mode) !== undefined) return {};
  const named = Object.entries(networking).map(
    ([name, endpoint]) => [name === "default" ? "bridge" : name, endpoint] as const,
  );
  const all = Object.fromEntries(named);
  if (Object.hasOwn(all, mode)) return { [mode]: all[mode] as NonNullable<(typeof all)[string]>, ...all };
  return { [mode]: emptyEndpointSettings(), ...all };
}

/** Images that are mounted: their layers stay as long as the container does. Throws not-found. */
async function findImageMounts(
  { images, layers, files }: Pick<Deps, "images" | "layers" | "files">,
  id: string,
  wanted: WantedMount[],
): Promise<void> {
  const mounts = wanted.filter(({ point }) => point.Type === "image");
  for (const [number, { point, detail }] of mounts.entries()) {
    const image = await images.find(point.Name ?? "");
    detail.layers = await layers.keepImageLayers(id, image.config.rootfs.diff_ids);
    point.Source = `${files.of(id).imageMounts}${number}`;
  }
}

async function acquireVolumes(
  { volumes, files }: Pick<Deps, "volumes" | "files">,
  { id, layer, wanted }: { id: string; layer: ContainerLayer; wanted: WantedMount[] },
): Promise<MountPoint[]> {
  const points: MountPoint[] = [];
  for (const { point, detail } of wanted) {
    if (point.Type !== "volume") {
      points.push(point);
      continue;
    }
    const volume = await volumes.acquire(point.Name ?? "", id, {
      ...(point.Driver && { driver: point.Driver }),
      ...(detail.driverOptions && { driverOpts: detail.driverOptions }),
      ...(detail.labels && { labels: detail.labels }),
      anonymous: detail.anonymous ?? false,
    });
    points.push({ ...point, Name: volume.name, Source: volume.mountpoint, Driver: volume.driver });
    if (detail.noCopy || detail.subpath) continue;
    await volumes.populate(volume.name, layer, files.of(id).mountpoint, point.Destination);
  }
  return points;
}
