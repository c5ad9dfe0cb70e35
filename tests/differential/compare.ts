/** What two engines answered to the same step, side by side. */
import type { Outcome } from "../support/command.ts";
import { type Normaliser, shapeOf } from "./normalise.ts";
import type { Step } from "./scenario.ts";

export type Difference = {
  scenario: string;
  step: string;
  /** "exit code", "stderr", "stdout" or "stdout" with the path of a JSON value */
  where: string;
  /** "(nothing)" where the other one has something more */
  dockerd: string;
  cloche: string;
};
type Found = Pick<Difference, "where" | "dockerd" | "cloche">;

export type Answer = Outcome & { normaliser: Normaliser };

const NOTHING = "(nothing)";

export function compareStep(scenario: string, step: Step, dockerd: Answer, cloche: Answer): Difference[] {
  const found: Found[] = [];
  if (dockerd.code !== cloche.code)
    found.push({ where: "exit code", dockerd: `${dockerd.code}`, cloche: `${cloche.code}` });
  const a = parseJson(dockerd.stdout);
  const b = parseJson(cloche.stdout);
  if (a !== undefined && b !== undefined) {
    const view = (value: unknown, by: Normaliser) => by.json(step.shapeOnly ? shapeOf(value) : value);
    compareValues("stdout ", view(a, dockerd.normaliser), view(b, cloche.normaliser), found);
  } else compareLines("stdout", dockerd.normaliser.text(dockerd.stdout), cloche.normaliser.text(cloche.stdout), found);
  compareLines("stderr", dockerd.normaliser.text(dockerd.stderr), cloche.normaliser.text(cloche.stderr), found);
  return found.map((one) => ({ scenario, step: step.command, ...one }));
}

/** One document, or a document per line; undefined if the text is not JSON objects or lists throughout. */
export function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    try {
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    } catch {
      return undefined;
    }
  }
}

export function compareValues(path: string, a: unknown, b: unknown, found: Found[]): void {
  if (isPlain(a) && isPlain(b)) {
    for (const key of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort())
      compareValues(`${path}.${key}`, a[key], b[key], found);
    return;
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    for (const [index, item] of a.entries()) compareValues(`${path}[${index}]`, item, b[index], found);
    return;
  }
  const [left, right] = [show(a), show(b)];
  if (left !== right) found.push({ where: path, dockerd: left, cloche: right });
}

function compareLines(where: string, a: string, b: string, found: Found[]): void {
  if (a === b) return;
  const [left, right] = [a.split("\n"), b.split("\n")];
  if (left.length === right.length) {
    left.forEach((line, index) => {
      if (line !== right[index]) found.push({ where, dockerd: line, cloche: right[index] ?? "" });
    });
    return;
  }
  for (const line of missing(left, right)) found.push({ where, dockerd: line, cloche: NOTHING });
  for (const line of missing(right, left)) found.push({ where, dockerd: NOTHING, cloche: line });
}

/** The lines of the first that are not in the second, each as often as it is too much. */
function missing(lines: string[], from: string[]): string[] {
  const rest = [...from];
  return lines.filter((line) => {
    const index = rest.indexOf(line);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? NOTHING : JSON.stringify(value);
}
