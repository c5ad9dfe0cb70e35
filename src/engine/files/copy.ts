/** docker cp: look at a path, get what is there, put an archive there. */
import { resolveUser } from "../../isolation/identity.ts";
import type { ContainerRecord } from "../containers/container.ts";
import { publish } from "../containers/publish.ts";
import { invalid } from "../errors.ts";
import { begin } from "./begin.ts";
import { fileFailure } from "./failure.ts";
import { absolutePath, baseName, type PathStat, pathStat } from "./path-stat.ts";
import { type FileDeps, reachFiles } from "./reach.ts";

type Place = { ref: string; path: string };

/** @throws not-found "Could not find the file PATH in container REF" */
export async function statPath(deps: FileDeps, place: Place): Promise<PathStat> {
  const container = deps.store.find(place.ref);
  const path = checkedPath(place.path);
  try {
    const facts = await reachFiles(deps, container, (root) => deps.host.stat(root, path), { mounts: true });
    return pathStat(path, facts);
  } catch (error) {
    throw fileFailure(error, container.record, place);
  }
}

export type Outgoing = { stat: PathStat; tar: AsyncIterable<Buffer[]>; close(): void };

/** The archive is to be read to its end, or closed. */
export async function getArchive(deps: FileDeps, place: Place): Promise<Outgoing> {
  const container = deps.store.find(place.ref);
  const path = checkedPath(place.path);
  try {
    const { facts, tar, close } = await reachFiles(
      deps,
      container,
      (root) => deps.host.archive(root, path, { name: baseName(path), ownFileSystem: false }),
      { mounts: true, until: ({ ended }) => ended },
    );
    const begun = await begin(tar);
    publish(deps.events, container.record, "archive-path");
    return { stat: pathStat(path, facts), tar: begun, close };
  } catch (error) {
    throw fileFailure(error, container.record, place);
  }
}

export type PutRequest = Place & {
  archive: AsyncIterable<Buffer[]>;
  /** all of it gets the container's user as owner */
  copyUIDGID: boolean;
  noOverwriteDirNonDir: boolean;
};

/** @throws invalid on a bad archive or a destination that is no directory; forbidden where it is read-only */
export async function putArchive(deps: FileDeps, request: PutRequest): Promise<void> {
  const container = deps.store.find(request.ref);
  const path = checkedPath(request.path);
  const owner = request.copyUIDGID ? await ownerOf(deps, container.record) : undefined;
  const options = { owner, keepKinds: request.noOverwriteDirNonDir };
  try {
    await reachFiles(deps, container, (root) => deps.host.extract(root, path, request.archive, options), {
      mounts: true,
    });
  } catch (error) {
    throw fileFailure(error, container.record, request);
  }
  publish(deps.events, container.record, "extract-to-dir");
}

function checkedPath(path: string): string {
  if (path === "") throw invalid("bad parameter: path cannot be empty");
  if (path.includes("\0")) throw invalid("bad parameter: path cannot have a NUL");
  return absolutePath(path);
}

/** As docker, which asks only containers that name a user. */
async function ownerOf({ layers }: Pick<FileDeps, "layers">, { id, config }: ContainerRecord) {
  if (config.User === "") return undefined;
  const [passwd, group] = await Promise.all([
    layers.readMerged(id, "/etc/passwd"),
    layers.readMerged(id, "/etc/group"),
  ]);
  const { uid, gid } = resolveUser({
    user: config.User,
    passwd: passwd?.toString(),
    group: group?.toString(),
    groupAdd: [],
  });
  return { uid, gid };
}
