import { duration } from "./duration.ts";

/**
 * What --since and --until take: a Go duration back from now, an RFC 3339 time or a part of one (local time where no
 * zone is given), or seconds since 1970.
 * @returns "seconds" or "seconds.nanoseconds" as the API wants it
 */
export function timestamp(value: string, now = Date.now()): string {
  if (value === "") return "";
  try {
    return String(Math.floor((now - duration(value) / 1e6) / 1000));
  } catch {
    // Not a duration: one of the forms below.
  }
  const parts = /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(value);
  if (!parts) {
    if (value.includes("-"))
      throw new Error(
        `parsing time ${JSON.stringify(value)} as "2006-01-02": cannot parse ${JSON.stringify(value)} as "2006"`,
      );
    return value;
  }
  const [, day, hour = "00", minute = "00", second = "00", fraction = "", zone = ""] = parts;
  const seconds = Math.floor(Date.parse(`${day}T${hour}:${minute}:${second}${zone}`) / 1000);
  if (Number.isNaN(seconds)) throw new Error(`parsing time ${JSON.stringify(value)}: out of range`);
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}

/** Go's time.Time.String() in local time: "2006-01-02 15:04:05 +0200 CEST". */
export function goTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  return `${localStamp(date)} ${offset(date, "")} ${zoneName(date)}`;
}

/** RFC 3339 in local time with nine digits, as events are printed. @param nano nanoseconds since 1970 */
export function rfc3339Nano(nano: bigint): string {
  const date = new Date(Number(nano / 1_000_000n));
  const fraction = String(nano % 1_000_000_000n).padStart(9, "0");
  const zone = offset(date, ":");
  return `${localStamp(date).replace(" ", "T")}.${fraction}${zone === "+00:00" ? "Z" : zone}`;
}

/** RFC 3339 in local time, whole seconds. */
export function rfc3339(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const zone = offset(date, ":");
  return `${localStamp(date).replace(" ", "T")}${zone === "+00:00" ? "Z" : zone}`;
}

const two = (n: number) => String(n).padStart(2, "0");

function localStamp(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function offset(date: Date, colon: string): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(size / 60))}${colon}${two(size % 60)}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC";
  return name.startsWith("GMT") && name !== "GMT" ? offset(date, "").replace(/00$/, "") : name;
}
