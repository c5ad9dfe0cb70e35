/** A Dockerfile's text -> its instructions' lines, joined where they go on: docker's rules (buildkit, dockerfile/parser). */
import { invalid } from "../../errors.ts";

export type Escape = "\\" | "`";
export type Line = { text: string; number: number };
export type Lines = { lines: Line[]; escapeToken: Escape; warnings: string[] };

/** @throws EngineError invalid "… file with no instructions", "only one escape parser directive can be used" */
export function readLines(source: string): Lines {
  const all = source.replace(/^\ufeff/, "").split("\n");
  const escapeToken = escapeDirective(all);
  const lines: Line[] = [];
  const warnings: string[] = [];
  for (let at = 0; at < all.length; at++) {
    const first = (all[at] ?? "").trimStart();
    if (isComment(first)) continue;
    const number = at + 1;
    let { text, goesOn } = continued(first, escapeToken);
    let gap = false;
    while (goesOn && at + 1 < all.length) {
      const next = all[++at] ?? "";
      if (isComment(next.trimStart())) continue;
      if (next.trim() === "") {
        // The text's last newline ends a line, it begins none.
        if (at + 1 < all.length) gap = true;
        continue;
      }
      const more = continued(next, escapeToken);
      text += more.text;
      goesOn = more.goesOn;
    }
    if (text.trim() === "") continue;
    if (gap) warnings.push(`[WARNING]: Empty continuation line found in:\n    ${text}`);
    lines.push({ text, number });
  }
  if (warnings.length > 0) warnings.push("[WARNING]: Empty continuation lines will become errors in a future release.");
  if (lines.length === 0) throw invalid("failed to parse Dockerfile: file with no instructions");
  return { lines, escapeToken, warnings };
}

const isComment = (line: string) => line.startsWith("#");

function continued(line: string, escapeToken: Escape): { text: string; goesOn: boolean } {
  const text = line.replace(/[ \t\r]+$/, "");
  return text.endsWith(escapeToken)
    ? { text: text.slice(0, -1), goesOn: true }
    : { text: line.replace(/\r$/, ""), goesOn: false };
}

/** Directives stand before everything else, comments too. */
function escapeDirective(lines: string[]): Escape {
  let escapeToken: Escape | undefined;
  for (const line of lines) {
    const [, name = "", value = ""] = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/.exec(line.trim()) ?? [];
    if (name === "") break;
    if (name.toLowerCase() !== "escape") continue;
    if (escapeToken !== undefined) throw invalid("only one escape parser directive can be used");
    if (value !== "\\" && value !== "`") throw invalid(`invalid ESCAPE '${value}'. Must be ${"`"} or \\`);
    escapeToken = value;
  }
  return escapeToken ?? "\\";
}
