/** What `nft -j list` prints (libnftables-json(5)), as far as it is read here. */
import { isObject } from "../../lib/is-object.ts";

/** Tables, chains, rules, sets and maps, one after the other; none for no listing. */
export function objectsOf(listing: unknown): Record<string, unknown>[] {
  const objects = isObject(listing) && Array.isArray(listing.nftables) ? listing.nftables : [];
  return objects.filter(isObject);
}
