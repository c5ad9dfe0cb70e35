/** --chmod: `0755`, or as chmod(1) has it: `u=rwX,go=rX`, `+x`. */
import { invalid } from "../errors.ts";

/** Gives the mode that a file or directory gets in the place of its own. */
export type FileMode = (facts: { kind: string; mode: number }) => number;

const WHO: Record<string, number> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const BITS: Record<string, number> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };
const SHIFT: Record<string, number> = { u: 6, g: 3, o: 0 };
/** Whom, then operations one after another: `u=rw`, `g+x-w`, `o=g`. */
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/;

/** @throws EngineError invalid */
export function parseMode(text: string): FileMode {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    if (mode <= 0o7777) return () => mode;
  }
  const changes = text.split(",").map((clause) => {
    const [, who = "", operations] = CLAUSE.exec(clause) ?? [];
    if (operations === undefined) throw invalid(`invalid chmod parameter: '${text}'. ${EXPECTED}`);
    const whom = [...(who || "a")].reduce((all, one) => all | (WHO[one] ?? 0), 0);
    return [...operations.matchAll(/([-+=])([^-+=]*)/g)].map(([, sign = "", what = ""]) => ({ whom, sign, what }));
  });
  return ({ kind, mode }) =>
    changes.flat().reduce((now, { whom, sign, what }) => {
      const bits = whom & bitsOf(what, now, kind);
      if (sign === "+") return now | bits;
      return sign === "-" ? now & ~bits : (now & ~whom) | bits;
    }, mode & 0o7777);
}

const EXPECTED = "it should be octal string and between 0 and 07777, or like u=rwX,go=rX";

/** For everyone; X is x where the file is a directory, or somebody may already execute it. */
function bitsOf(what: string, mode: number, kind: string): number {
  const shift = SHIFT[what];
  // What the user, group or others may, for everyone.
  if (shift !== undefined) return ((mode >> shift) & 0o7) * 0o111;
  const executable = kind === "dir" || (mode & 0o111) !== 0;
  return [...what].reduce((all, one) => all | (one === "X" ? (executable ? 0o111 : 0) : (BITS[one] ?? 0)), 0);
}
