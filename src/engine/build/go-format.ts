/** Go's ways of printing, which are part of docker's histories: %q, and durations. */

const SHORT: Record<string, string> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\f": "\\f",
  "\b": "\\b",
  "\x07": "\\a",
};

/** %q of a text. */
export function goQuote(text: string): string {
  const escaped = text.replaceAll(/[\\"]|\p{Cc}/gu, (char) => {
    if (char === "\\" || char === '"') return `\\${char}`;
    return SHORT[char] ?? `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}

/** %q of a list. */
export const goQuotes = (words: readonly string[]): string => `[${words.map(goQuote).join(" ")}]`;

/** time.Duration's text: 1m30s, 1.5s, 300ms. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds < 1e9) {
    if (nanoseconds === 0) return "0s";
    if (nanoseconds < 1e3) return `${nanoseconds}ns`;
    return nanoseconds < 1e6 ? `${nanoseconds / 1e3}µs` : `${nanoseconds / 1e6}ms`;
  }
  const hours = Math.floor(nanoseconds / 3600e9);
  const minutes = Math.floor((nanoseconds % 3600e9) / 60e9);
  const seconds = `${(nanoseconds % 60e9) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
