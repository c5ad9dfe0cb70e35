/** Colours, on a terminal only (https://no-color.org). */
import type { Cli } from "../../cli.ts";

export type Paint = Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>;

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export function paintFor({ out }: Pick<Cli, "out">): Paint {
  const on = out.isTTY === true && !process.env.NO_COLOR;
  const paint = (code: number) => (text: string) => (on && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text);
  return Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, paint(code)])) as Paint;
}

/**
 * What a container chose (a command line, a path), on one line and without what a terminal takes for orders: a process may call
 * itself anything.
 */
export function plain(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, (char) =>
    char === "\n" ? "\\n" : char === "\t" ? "\\t" : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** "412 µs", "6.2 ms", "1.03 s" */
export function timeText(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds} µs`;
  if (microseconds < 1e6) return `${(microseconds / 1000).toFixed(1)} ms`;
  return `${(microseconds / 1e6).toFixed(2)} s`;
}
