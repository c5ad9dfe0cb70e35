/**
 * Where a container's cgroup is, below each hierarchy's mount point.
 *
 * @param parent as users give it: "/docker", "docker", "a/b/".
 * @throws Error when it would leave the hierarchy ("../x", "/a/../../x") or hold what no cgroup's name can.
 */
export function cgroupPath(parent: string, id: string): string {
  const path = `/${parent}/${id}`.replace(/\/{2,}/g, "/");
  checkCgroupPath(path);
  return path;
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
