/** Namespace modes: new, the host's, or those of another container's first process. */
import type { NamespaceSpec, Namespaces, ProcessRef } from "../../isolation/spec.ts";
import { conflict } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps } from "./deps.ts";
import { sharedWith } from "./modes.ts";

/** Throws conflict when the other container does not run. */
export function namespacesOf(store: Deps["store"], { hostConfig: host }: ContainerRecord): Namespaces {
  return {
    pid: namespace(store, host.PidMode),
    mnt: "new",
    uts: host.UTSMode === "host" ? "host" : "new",
    ipc: namespace(store, host.IpcMode),
    net: namespace(store, host.NetworkMode),
    cgroup: host.CgroupnsMode === "private" ? "new" : "host",
  };
}

function namespace(store: Deps["store"], mode: string): NamespaceSpec {
  if (mode === "host") return "host";
  const ref = sharedWith(mode);
  return ref === undefined ? "new" : processOf(store, ref);
}

function processOf(store: Deps["store"], ref: string): ProcessRef {
  const { record } = store.find(ref);
  if (record.state.status === "restarting") {
    throw conflict(`cannot join namespace of a non running container: container ${record.id} is restarting`);
  }
  if (!record.state.process) {
    throw conflict(
      `cannot join network namespace of a non running container: container ${record.name} is ${record.state.status}`,
    );
  }
  return record.state.process;
}

/** The container whose network this one uses (container:ID); undefined if its own or the host's. */
export function networkOwner(store: Deps["store"], { hostConfig }: ContainerRecord): ContainerRecord | undefined {
  const ref = sharedWith(hostConfig.NetworkMode);
  return ref === undefined ? undefined : store.find(ref).record;
}
