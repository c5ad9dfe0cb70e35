import type { Flag, Flags } from "./flag.ts";

/** Lines of a command's options, sorted, wrapped to `columns` as docker's help is. */
export function flagUsages(flags: Flags, columns: number): string {
  const shown = Object.values(flags)
    .filter((flag) => !flag.hidden)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const heads = shown.map(head);
  const column = Math.max(0, ...heads.map((text) => text.length)) + 3;
  return shown
    .map((flag, i) => `${(heads[i] ?? "").padEnd(column)}${wrap(textOf(flag), column, columns - 1)}\n`)
    .join("");
}

const head = (flag: Flag<unknown>) =>
  `${flag.short ? `  -${flag.short}, ` : "      "}--${flag.name}${flag.word ? ` ${flag.word}` : ""}`;

const textOf = (flag: Flag<unknown>) => (flag.shown ? `${flag.help} (default ${flag.shown})` : flag.help);

/** A last line may run over by so many columns if that keeps a short word from standing alone. */
const SLOP = 5;

function wrap(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  const room = width - indent - SLOP;
  if (room + SLOP < 24) return text.replaceAll("\n", `\n${" ".repeat(indent)}`);
  for (let rest = text; rest !== ""; ) {
    const at = rest.length < room + SLOP ? -1 : breakAt(rest, room);
    lines.push(at <= 0 ? rest : rest.slice(0, at));
    rest = at <= 0 ? "" : rest.slice(at + 1);
  }
  return lines.join("\n").replaceAll("\n", `\n${" ".repeat(indent)}`);
}

function breakAt(text: string, room: number): number {
  const part = text.slice(0, room);
  const blank = Math.max(part.lastIndexOf(" "), part.lastIndexOf("\n"), part.lastIndexOf("\t"));
  const line = part.lastIndexOf("\n");
  return line > 0 && line < blank ? line : blank;
}
