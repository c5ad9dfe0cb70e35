import { existsSync } from "node:fs";
import type { CgroupDriver } from "../../isolation/cgroups/index.ts";
import { isSystemdHost } from "../systemd/units.ts";

/**
 * As docker does: systemd where it is PID 1 and cgroup v2 is alone, else cgroupfs. With v1 each hierarchy would need a scope's
 * cgroup made by us behind systemd's back: not offered.
 *
 * @param asked as --cgroup-driver has it, "" for the default
 * @param root directory that stands for "/" (tests)
 * @throws Error with cause and cure when the host cannot have the one that was asked for
 */
export function chooseDriver(asked: string, version: "v1" | "v2", root = ""): CgroupDriver {
  const booted = isSystemdHost(root);
  if (asked === "") return booted && version === "v2" ? "systemd" : "cgroupfs";
  if (asked !== "systemd") return "cgroupfs";
  const cure = "use --cgroup-driver cgroupfs";
  if (!booted)
    throw new Error(`systemd is not PID 1 of this host (no /run/systemd/system), so it makes no cgroups: ${cure}`);
  if (version === "v1")
    throw new Error(`the systemd cgroup driver takes cgroup v2, and this host has v1 controllers: ${cure}`);
  const sockets = ["/run/dbus/system_bus_socket", "/run/systemd/private"];
  if (!sockets.some((path) => existsSync(root + path)))
    throw new Error(`systemd cannot be reached by ${sockets.join(" or ")}: let the engine see one of them, or ${cure}`);
  return "systemd";
}
