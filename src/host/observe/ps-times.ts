/** Times as ps prints them, in the host's time zone. */

const day = 86_400;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** [D-]hh:mm:ss */
export function cpuTime(seconds: number): string {
  const { days, hours, minutes, rest } = split(seconds);
  return `${days > 0 ? `${days}-` : ""}${two(hours)}:${two(minutes)}:${two(rest)}`;
}

/** [[D-]hh:]mm:ss */
export function elapsedTime(seconds: number): string {
  const { days, hours, minutes, rest } = split(seconds);
  const long = days > 0 ? `${days}-${two(hours)}:` : hours > 0 ? `${two(hours)}:` : "";
  return `${long}${two(minutes)}:${two(rest)}`;
}

/** m:ss, BSD's way */
export function bsdTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${two(Math.floor(seconds) % 60)}`;
}

/** "14:05" today, "Nov28" this year, "2025" before. @param started, now seconds since 1970 */
export function startShort(started: number, now: number): string {
  const date = new Date(started * 1000);
  const today = new Date(now * 1000);
  if (date.getFullYear() !== today.getFullYear()) return String(date.getFullYear());
  const sameDay = date.getMonth() === today.getMonth() && date.getDate() === today.getDate();
  return sameDay ? clock(date) : `${months[date.getMonth()]}${two(date.getDate())}`;
}

/** "14:05:59" within a day, else "Nov 28" */
export function startLong(started: number, now: number): string {
  const date = new Date(started * 1000);
  return now - started > day ? monthDay(date) : `${clock(date)}:${two(date.getSeconds())}`;
}

/** "14:05" within a day, else "Nov 28" */
export function startBsd(started: number, now: number): string {
  const date = new Date(started * 1000);
  return now - started > day ? monthDay(date) : clock(date);
}

/** "Sat Nov 28 14:05:59 2026" */
export function startFull(started: number): string {
  const date = new Date(started * 1000);
  return `${weekdays[date.getDay()]} ${monthDay(date)} ${clock(date)}:${two(date.getSeconds())} ${date.getFullYear()}`;
}

function split(seconds: number) {
  const whole = Math.floor(seconds);
  return {
    days: Math.floor(whole / day),
    hours: Math.floor(whole / 3600) % 24,
    minutes: Math.floor(whole / 60) % 60,
    rest: whole % 60,
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

function monthDay(date: Date): string {
  return `${months[date.getMonth()]} ${String(date.getDate()).padStart(2)}`;
}
