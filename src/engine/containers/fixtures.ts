/** Records for tests. */
import { decodeCreate } from "../../wire/decode-container.ts";
import type { ContainerRecord } from "./container.ts";

export const NEVER = "0001-01-01T00:00:00Z";

/** A created container of an image "busybox" that sleeps. */
export function aRecord(over: Partial<ContainerRecord> = {}): ContainerRecord {
  const { config, hostConfig } = decodeCreate({ Image: "busybox", Cmd: ["sleep", "60"], HostConfig: {} });
  const id = over.id ?? "1".repeat(64);
  return {
    id,
    name: "sleeper",
    created: "2026-01-02T03:04:05.123456789Z",
    path: "sleep",
    args: ["60"],
    image: "busybox",
    imageId: `sha256:${"e".repeat(64)}`,
    diffIds: [`sha256:${"d".repeat(64)}`],
    platform: "linux",
    config: { ...config, Hostname: id.slice(0, 12) },
    hostConfig: { ...hostConfig, NetworkMode: "none" },
    networking: {},
    mounts: [],
    state: { status: "created", exitCode: 0, error: "", startedAt: NEVER, finishedAt: NEVER, oomKilled: false },
    restartCount: 0,
    stoppedByUser: false,
    endpoints: [],
    ports: [],
    cgroupPath: `/docker/${id}`,
    ...over,
  };
}
