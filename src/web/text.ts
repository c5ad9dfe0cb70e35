/** Numbers and times as people read them. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 1536 -> "1.5 KiB" */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${Number(rest.toFixed(digits))} ${UNITS[unit]}`;
}

/** 0.4567 -> "0.46" */
export const cpus = (value: number) => (value >= 10 ? value.toFixed(1) : value.toFixed(2));

export const percent = (value: number) => `${value >= 10 ? value.toFixed(0) : value.toFixed(1)} %`;

/** 12345 µs -> "12.3 ms" */
export function micros(value: number): string {
  if (value < 1000) return `${Math.round(value)} µs`;
  if (value < 1e6) return `${(value / 1000).toFixed(value < 10_000 ? 2 : 1)} ms`;
  return `${(value / 1e6).toFixed(2)} s`;
}

/** Seconds -> "3 min", the two largest parts at most; a line is not broken within. */
export const span = (seconds: number) => spanWords(seconds).replaceAll(" ", "\u00a0");

function spanWords(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** Unix milliseconds -> "14:03:09" */
export const clock = (ms: number) => new Date(ms).toLocaleTimeString("en-GB");

export const short = (id: string) => id.replace(/^sha256:/, "").slice(0, 12);

export const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** "Write "64" to /sys/fs/cgroup/pids/docker/1f…/pids.max." -> "Write "64" to …/pids.max.": for a line that has little room. */
export const brief = (sentence: string) =>
  sentence
    .replace(/\/sys\/fs\/cgroup\/(?:([\w,]+)\/)?docker\/[0-9a-f]{64}(?!\/)/g, (_, kind) => (kind ? `${kind}/…` : "…"))
    .replace(/(\/[\w.-]+){2,}\/[0-9a-f]{32,64}\//g, "…/")
    .replace(/…\.$/, "…");

/** Ids in running text, as docker shortens them. */
export const shortIds = (text: string) => text.replace(/\b([0-9a-f]{12})[0-9a-f]{18,52}\b/g, "$1…");
