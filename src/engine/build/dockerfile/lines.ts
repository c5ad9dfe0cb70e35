/** A Dockerfile's text -> its instructions' lines, joined where they go on: docker's rules (buildkit, dockerfile/parser). */
import { EngineError, invalid } from "../../errors.ts";
import { type Heredoc, readHeredocs } from "./heredoc.ts";

export type Escape = "\\" | "`";
/** Of which builder a Dockerfile is meant for: dockerd's own, or BuildKit. */
export type Dialect = "classic" | "buildkit";
export type Line = { text: string; number: number; heredocs: Heredoc[] };
export type Lines = { lines: Line[]; escapeToken: Escape; warnings: string[] };

/** @throws EngineError invalid "… file with no instructions", "only one escape parser directive can be used" */
export function readLines(source: string, dialect: Dialect = "classic"): Lines {
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
    const behind = { all, at: at + 1, number };
    const { heredocs, next } = dialect === "buildkit" ? heredocsOf(text, behind) : { heredocs: [], next: behind.at };
    at = next - 1;
    lines.push({ text, number, heredocs });
  }
  if (warnings.length > 0) warnings.push("[WARNING]: Empty continuation lines will become errors in a future release.");
  if (lines.length === 0) throw invalid("failed to parse Dockerfile: file with no instructions");
  return { lines, escapeToken, warnings };
}

/** @param place.number of the instruction's line, to be told with what is wrong */
function heredocsOf(text: string, place: { all: string[]; at: number; number: number }) {
  try {
    return readHeredocs(text, place.all, place.at);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw invalid(`dockerfile parse error line ${place.number}: ${error.message}`);
  }
}

const isComment = (line: string) => line.startsWith("#");

function continued(line: string, escapeToken: Escape): { text: string; goesOn: boolean } {
  const text = line.replace(/[ \t\r]+$/, "");
  return text.endsWith(escapeToken)
    ? { text: text.slice(0, -1), goesOn: true }
    : { text: line.replace(/\r$/, ""), goesOn: false };
}

/** Directives stand before everything else, comments too; what others than escape say (syntax, check) is nobody's matter. */
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
