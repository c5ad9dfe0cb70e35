/** Kernel settings of the container's own namespaces (sysctl(8)). */
import { InvalidInput } from "../lib/invalid-input.ts";
import { planned } from "./op.ts";
import type { Op, PlannedOp } from "./plan.ts";

/**
 * Stage container, once the namespaces and interfaces are there. Written through the host's /proc, before the root is
 * changed: what net.* and kernel.* mean follows the writer's namespaces, and no image or volume can stand in the way.
 */
export function sysctlOps(sysctls: Readonly<Record<string, string>>): PlannedOp[] {
  return planned(
    "container",
    "namespaces",
    ...Object.entries(sysctls).map(
      ([name, value]): Op => ({
        op: "write_proc",
        path: sysctlPath(name),
        data: value,
        optional: false,
      }),
    ),
  );
}

/**
 * @param name "net.ipv4.ip_forward", or with slashes when a part holds a dot: "net/ipv4/conf/eth0.1/forwarding".
 * @throws InvalidInput when it would lead out of /proc/sys.
 */
export function sysctlPath(name: string): string {
  const dot = name.indexOf(".");
  const slash = name.indexOf("/");
  // As sysctl(8) and runc: what comes first is the separator, the other sign then is part of a name.
  const dotted = dot >= 0 && (slash < 0 || dot < slash);
  const parts = dotted ? name.split(".").map((part) => part.replaceAll("/", ".")) : name.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".." || part.includes("\0"))) {
    throw new InvalidInput(`invalid sysctl: "${name}"`);
  }
  return `/proc/sys/${parts.join("/")}`;
}
