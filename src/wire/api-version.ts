/** Docker's API versions: `/v1.44/containers/json` asks for 1.44's shape; a path without one asks for the newest. */
import { InvalidInput } from "../lib/invalid-input.ts";

export const MIN_API_MINOR = 24;
export const MAX_API_MINOR = 51;
export const MIN_API_VERSION = `1.${MIN_API_MINOR}`;
export const API_VERSION = `1.${MAX_API_MINOR}`;

/**
 * Split the version off a request's URL.
 * @param url path and query as in the request line
 * @returns the URL without its version, and the minor version asked for
 * @throws InvalidInput in docker's words when the version is outside what is spoken here
 */
export function splitApiVersion(url: string): { url: string; minor: number } {
  const match = /^\/v([0-9.]+)(\/.*)$/s.exec(url);
  if (!match?.[1] || !match[2]) return { url, minor: MAX_API_MINOR };
  return { url: match[2], minor: checkedMinor(match[1]) };
}

function checkedMinor(version: string): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 1 || (major === 1 && minor > MAX_API_MINOR)) {
    throw new InvalidInput(`client version ${version} is too new. Maximum supported API version is ${API_VERSION}`);
  }
  if (major < 1 || minor < MIN_API_MINOR) {
    throw new InvalidInput(
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, ` +
        "please upgrade your client to a newer version",
    );
  }
  return minor;
}
