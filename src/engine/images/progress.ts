/** The messages of a pull, push, load or import, as docker's CLI prints them. */
export type ProgressMessage = {
  status?: string;
  id?: string;
  stream?: string;
  progressDetail?: { current?: number; total?: number };
  progress?: string;
  aux?: object;
  error?: string;
  errorDetail?: { message: string };
};
export type Report = (message: ProgressMessage) => void;

/** How often one item may report its progress, in milliseconds. */
const INTERVAL_MS = 100;
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Reports steps of one item (a layer), at most ten a second, and always the last one. */
export function stepReporter(report: Report, id: string, status: string): (current: number, total: number) => void {
  let last = 0;
  return (current, total) => {
    const now = performance.now();
    if (now - last < INTERVAL_MS && current !== total) return;
    last = now;
    const detail = total > 0 ? { current, total } : { current };
    report({ status, progressDetail: detail, progress: progressBar(current, total), id });
  };
}

/** docker's bar: "[=====>     ]  36.45kB/1.065MB". */
export function progressBar(current: number, total: number): string {
  if (total <= 0) return humanSize(current).padStart(8);
  const filled = Math.min(50, Math.floor(((current / total) * 100) / 2));
  const bar = `[${"=".repeat(filled)}>${" ".repeat(50 - filled)}]`;
  return `${bar} ${humanSize(current).padStart(8)}${current <= total ? `/${humanSize(total)}` : ""}`;
}

/** Four significant digits in powers of 1000: 1.065MB. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`;
}
