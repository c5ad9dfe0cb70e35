/**
 * Image names carry slashes, unencoded: /images/training/stress:2.1/json. Here the slashes inside the name are
 * percent-encoded, so that routes can say /images/:name/json and get the whole name.
 */
const NAMED = [
  /^(\/images\/)(.+)(\/(?:json|history|push|tag|get|attestations))$/,
  /^(\/distribution\/)(.+)(\/json)$/,
  /^(\/plugins\/)(.+)(\/(?:json|enable|disable|upgrade|push|set))$/,
];
const DELETED = /^(\/(?:images|plugins|containers)\/)(.+)()$/;

/**
 * @param url path and query, without API version
 * @returns the same, with the slashes of an image's or plugin's name, or of a link's (PARENT/ALIAS), as %2F
 */
export function encodeNameSlashes(method: string, url: string): string {
  const cut = url.indexOf("?");
  const path = cut < 0 ? url : url.slice(0, cut);
  for (const pattern of method === "DELETE" ? [DELETED] : NAMED) {
    const match = pattern.exec(path);
    if (!match) continue;
    const [, before, name = "", after] = match;
    return `${before}${name.replaceAll("/", "%2F")}${after}${cut < 0 ? "" : url.slice(cut)}`;
  }
  return url;
}
