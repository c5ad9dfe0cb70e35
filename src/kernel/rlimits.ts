/** Resource limits by name (getrlimit(2), asm-generic/resource.h; x86 and ARM agree). */

const resources: Readonly<Record<string, number>> = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
};
export const rlimitNames: readonly string[] = Object.keys(resources);

/**
 * "nofile" or "RLIMIT_NOFILE" to RLIMIT_*.
 * @throws Error `invalid ulimit type: NAME`, docker's own text.
 */
export function rlimitResource(name: string): number {
  const key = name.toLowerCase().replace(/^rlimit_/, "");
  const resource = Object.hasOwn(resources, key) ? resources[key] : undefined;
  if (resource === undefined) throw new Error(`invalid ulimit type: ${name}`);
  return resource;
}
