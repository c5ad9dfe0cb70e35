import { bytesFromText } from "../text/size.ts";

export type Throttle = { Path: string; Rate: number };
export type Ulimit = { Name: string; Soft: number; Hard: number };

/** "/dev/sda:1mb" or, for operations, "/dev/sda:1000". */
export function throttleOf(value: string, isBytes: boolean): Throttle {
  const { path, text } = deviceAndValue(value);
  const wanted = isBytes
    ? "<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb"
    : "<number>. Number must be a positive integer";
  const invalid = new Error(`invalid rate for device: ${value}. The correct format is <device-path>:${wanted}`);
  if (!isBytes && !/^\d+$/.test(text)) throw invalid;
  try {
    return { Path: path, Rate: isBytes ? bytesFromText(text) : Number(text) };
  } catch {
    throw invalid;
  }
}

export function weightOf(value: string): { Path: string; Weight: number } {
  const { path, text } = deviceAndValue(value);
  const weight = Number(text);
  if (!/^\d+$/.test(text) || (weight !== 0 && (weight < 10 || weight > 1000)))
    throw new Error(`invalid weight for device: ${value}`);
  return { Path: path, Weight: weight };
}

function deviceAndValue(value: string): { path: string; text: string } {
  const at = value.indexOf(":");
  if (at <= 0) throw new Error(`bad format: ${value}`);
  if (!value.startsWith("/dev/")) throw new Error(`bad format for device path: ${value}`);
  return { path: value.slice(0, at), text: value.slice(at + 1) };
}

const NAMES = "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
  " ",
);

/** "nofile=1024:2048", "core=-1", "nproc=unlimited". */
export function ulimitOf(value: string): Ulimit {
  const at = value.indexOf("=");
  if (at < 0) throw new Error(`invalid ulimit argument: ${value}`);
  const name = value.slice(0, at);
  if (!NAMES.includes(name)) throw new Error(`invalid ulimit type: ${name}`);
  const texts = value.slice(at + 1).split(":");
  if (texts.length > 2)
    throw new Error(
      `too many limit value arguments - ${value.slice(at + 1)}, can only have up to two, \`soft[:hard]\``,
    );
  const numbers = texts.map((text) => {
    if (text === "unlimited") return -1;
    if (!/^-?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  });
  const [soft = 0, hard = soft] = numbers;
  if (hard !== -1 && (soft > hard || soft === -1))
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { Name: name, Soft: soft, Hard: hard };
}
