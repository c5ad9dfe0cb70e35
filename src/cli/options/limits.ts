import { bytesFromText } from "../../wire/size.ts";

export type Throttle = { Path: string; Rate: number };

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
