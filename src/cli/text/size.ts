/** Decimal units, four digits: "1.234GB". */
export const humanSize = (bytes: number, digits = 4): string =>
  scaled(bytes, 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"], digits);

/** Binary units, four digits: "1.5GiB". */
export const bytesSize = (bytes: number): string =>
  scaled(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"], 4);

function scaled(bytes: number, base: number, units: string[], digits: number): string {
  let size = bytes;
  let unit = 0;
  for (; size >= base && unit < units.length - 1; unit++) size /= base;
  return `${significant(size, digits)}${units[unit]}`;
}

/** C's %.{digits}g: so many significant digits, no trailing zeros, the exponent form for what does not fit. */
export function significant(value: number, digits: number): string {
  const text = value.toPrecision(digits);
  const [mantissa = "", exponent] = text.split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
}
