import { slicePath } from "./scope.ts";

/** Who makes containers' cgroups: the launcher by mkdir, or systemd. */
export type CgroupDriver = "cgroupfs" | "systemd";

/** Where containers live that ask for no other place. */
export const defaultParents: Record<CgroupDriver, string> = { cgroupfs: "/docker", systemd: "system.slice" };

/**
 * Where a container's cgroup is, below each hierarchy's mount point.
 *
 * @param parent as users give it: "/docker", "docker", "a/b/"; with systemd the name of a slice: "system.slice".
 * @throws Error when it would leave the hierarchy ("../x", "/a/../../x") or hold what no cgroup's or slice's name can.
 */
export function cgroupPath(driver: CgroupDriver, parent: string, id: string): string {
  const path = `${parentPath(driver, parent)}/${driver === "systemd" ? `docker-${id}.scope` : id}`;
  checkCgroupPath(path);
  return path;
}

/** The same of the parent alone; "" is the hierarchy's mount point. @throws Error when it is no slice's name */
export function parentPath(driver: CgroupDriver, parent: string): string {
  return driver === "systemd" ? slicePath(parent) : `/${parent}`.replace(/\/{2,}/g, "/").replace(/\/$/, "");
}

/**
 * Path and hierarchy are joined as text, so no part of the path may lead up; the kernel allows no newline and 255 bytes a name.
 * @throws Error saying what is wrong.
 */
export function checkCgroupPath(path: string): void {
  const parts = path.split("/");
  if (parts.shift() !== "" || parts.length === 0) throw new Error(`cgroup path "${path}" is not absolute`);
  for (const part of parts) {
    const fits = part !== "" && part !== "." && part !== ".." && !/[\n\0]/.test(part) && Buffer.byteLength(part) <= 255;
    if (!fits) throw new Error(`cgroup path "${path}" has an invalid component: ${JSON.stringify(part)}`);
  }
}
