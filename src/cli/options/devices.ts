import { globSync } from "node:fs";
import { posix } from "node:path";
import type { DeviceMapping } from "../../wire/container.ts";

/** --device: "/dev/x[:/dev/y][:rwm]", a path ending in * for several. Names with "vendor/class=name" are CDI devices. */
export function devicesOf(texts: string[]): { devices: DeviceMapping[]; cdi: string[] } {
  const isCdi = (text: string) => /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*=[\w.:-]+$/.test(text);
  return { devices: texts.filter((t) => !isCdi(t)).flatMap(devices), cdi: texts.filter(isCdi) };
}

function devices(text: string): DeviceMapping[] {
  const parts = text.split(":");
  if (parts.length > 3 || parts[0] === "") throw new Error(`bad format for path: ${text}`);
  const [source = "", second, third] = parts;
  const isMode = second !== undefined && third === undefined && validMode(second);
  if (third !== undefined && !validMode(third)) throw new Error(`bad mode specified: ${third}`);
  const target = second === undefined || isMode ? undefined : posix.normalize(second);
  const inside = target ?? source;
  if (!posix.isAbsolute(inside)) throw new Error(`${inside} is not an absolute path`);
  const permissions = third ?? (isMode ? second : "rwm");
  if (!source.endsWith("*")) {
    const host = target === undefined ? posix.normalize(source) : source;
    return [{ PathOnHost: host, PathInContainer: target ?? host, CgroupPermissions: permissions }];
  }
  if (target !== undefined) throw new Error(`device with * suffix can't have dst: ${text}`);
  return globSync(source).map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: permissions }));
}

const validMode = (mode: string) => /^[rwm]{1,3}$/.test(mode) && new Set(mode).size === mode.length;
