/** Namespace modes: new, the host's, or those of another container's first process. */
import type { NamespaceSpec, Namespaces, UserNamespace } from "../../isolation/spec.ts";
import { conflict } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps, Settings } from "./deps.ts";
import { sharedWith } from "./modes.ts";

/**
 * The user namespace that a container gets; undefined for the host's. Who joins another's namespaces is in its user namespace too.
 * Throws conflict when that is the host's.
 */
export function userNamespaceOf(
  store: Deps["store"],
  { hostConfig: host }: ContainerRecord,
  { userNamespace }: Pick<Settings, "userNamespace">,
): UserNamespace | undefined {
  if (host.UsernsMode === "host" || !userNamespace) return undefined;
  const others = [host.PidMode, host.NetworkMode, host.IpcMode].flatMap((mode) => sharedWith(mode) ?? []);
  const owners = others.map((ref) => store.find(ref).record);
  const ofHost = owners.find(({ hostConfig }) => hostConfig.UsernsMode === "host");
  if (ofHost) {
    throw conflict(
      `cannot join namespaces of container ${ofHost.name}: it is in the host's user namespace (use --userns host)`,
    );
  }
  const process = owners[0]?.state.process;
  return process ? { ...userNamespace, of: process } : userNamespace;
}

/** Throws conflict when the other container does not run, or keeps its shared memory to itself. */
export function namespacesOf(store: Deps["store"], { hostConfig: host }: ContainerRecord): Namespaces {
  return {
    pid: namespace(store, host.PidMode, ({ id }) => `cannot join PID namespace of container ${id}`),
    mnt: "new",
    uts: host.UTSMode === "host" ? "host" : "new",
    ipc: namespace(store, host.IpcMode, sharesIpc),
    net: namespace(store, host.NetworkMode, () => "cannot join network namespace of a non running container"),
    cgroup: host.CgroupnsMode === "private" ? "new" : "host",
  };
}

/** @param explain what to say before "container X is exited" */
function namespace(store: Deps["store"], mode: string, explain: (other: ContainerRecord) => string): NamespaceSpec {
  if (mode === "host") return "host";
  const ref = sharedWith(mode);
  if (ref === undefined) return "new";
  const { record } = store.find(ref);
  const reason = explain(record);
  const { process, status } = record.state;
  if (!process) throw conflict(`${reason}: container ${record.name} is ${status}`);
  return process;
}

/** Docker's rule: only who said shareable shares its memory. */
function sharesIpc({ id, hostConfig }: ContainerRecord): string {
  if (hostConfig.IpcMode === "private" || hostConfig.IpcMode === "none") {
    throw conflict(
      `can't join IPC of container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  }
  return `can't join IPC of container ${id}`;
}

/** The container whose network this one uses (container:ID); undefined if its own or the host's. */
export function networkOwner(store: Deps["store"], { hostConfig }: ContainerRecord): ContainerRecord | undefined {
  const ref = sharedWith(hostConfig.NetworkMode);
  return ref === undefined ? undefined : store.find(ref).record;
}
