/** Arguments that BuildKit gives every build: for which platform it is, and on which it runs. */
import { formatPlatform, type Platform, parsePlatform } from "../../wire/platform.ts";

/**
 * @param platform os/arch[/variant] that is asked for, "" for the host's
 * @throws InvalidInput
 */
export function platformArgs(platform: string, host: Platform): Map<string, string> {
  const target = platform === "" ? host : parsePlatform(platform, host);
  return new Map([...namesOf("TARGET", target), ...namesOf("BUILD", host)]);
}

/** Are they for BuildKit itself, and so never unused? */
export const isForBuilder = (name: string): boolean => name.startsWith("BUILDKIT_") || name === "SOURCE_DATE_EPOCH";

function namesOf(prefix: string, platform: Platform): [string, string][] {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ""],
  ];
}
