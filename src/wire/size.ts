/** Sizes of memory as docker's users write them. */
const POWERS = ["", "k", "m", "g", "t", "p"];

/**
 * "512m", "1.5GiB", "64 kb" in bytes; every unit is a power of 1024, as docker's memory options have it.
 * @throws in docker's words
 */
export function bytesFromText(value: string): number {
  const parts = /^(\d+(?:\.\d+)?) ?([kKmMgGtTpP])?[iI]?[bB]?$/.exec(value);
  if (!parts) throw new Error(`invalid size: '${value}'`);
  return Math.trunc(Number(parts[1]) * 1024 ** POWERS.indexOf((parts[2] ?? "").toLowerCase()));
}
