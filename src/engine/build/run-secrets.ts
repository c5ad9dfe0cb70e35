/** RUN --mount=type=secret: what the client sends for one step, as a file in memory or a variable. */
import type { IdMap } from "../../isolation/spec.ts";
import { invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import type { SecretMount } from "./run-mounts.ts";

/** @property file its path on the host, "" for none; @property variable "NAME=value", "" for none */
export type MadeSecret = { file: string; variable: string };

/**
 * The file is written where the exec root is (a tmpfs in ordinary life), and goes with the directory that it is in.
 * @param path for the file
 * @returns undefined: the client has no such secret, and it need not be there
 */
export async function makeSecret(build: Build, mount: SecretMount, path: string): Promise<MadeSecret | undefined> {
  const { id, env, target, mode, uid, gid } = mount;
  const content = await build.request.secret(id);
  if (!content) {
    if (mount.required) throw invalid(`secret ${id}: not found`);
    return undefined;
  }
  if (env !== "" && content.includes(0)) throw invalid(`secret ${id}: a variable cannot hold a zero byte`);
  if (target !== "") {
    const user = build.deps.settings.userNamespace;
    const facts = { uid: onHost(user?.uidMap, uid), gid: onHost(user?.gidMap, gid), mode };
    await build.deps.host.writeSecret(path, content, facts);
  }
  return { file: target === "" ? "" : path, variable: env === "" ? "" : `${env}=${content}` };
}

/** Where the file lies nothing is id-mapped: its owner is one of the host's. */
function onHost(maps: readonly IdMap[] | undefined, id: number): number {
  if (!maps) return id;
  const map = maps.find(({ containerId, size }) => id >= containerId && id < containerId + size);
  if (!map) throw invalid(`the id ${id} is not in the user namespace`);
  return map.hostId + id - map.containerId;
}
