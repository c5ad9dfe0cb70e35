/** A plan for people: grouped by phase, a sentence and a command for each operation. */
import type { PlanAnswer, PlanPhase, PlanRow } from "../../../wire/glass.ts";
import type { Cli } from "../../cli.ts";
import { type Paint, paintFor, plain, timeText } from "./paint.ts";

/** Who does it, and where. */
const STAGES: Readonly<Record<string, string>> = {
  launcher: "by the launcher, on the host",
  parent: "by the launcher, while the child waits",
  container: "by the child, in its namespaces",
  exit: "by the monitor, when the container has ended",
};
const WIDTH = 100;

export function explainText(plan: PlanAnswer, cli: Pick<Cli, "out">): string {
  const paint = paintFor(cli);
  const took = plan.microseconds === undefined ? "" : `, ${timeText(plan.microseconds)}`;
  const head = plan.ran
    ? `${plan.name}: ${plan.operations} operations${took}, started ${plan.startedAt}`
    : `dry run: ${plan.operations} operations; nothing was started`;
  const id = idOf(plan);
  const shown = id === undefined ? plan.phases : plan.phases.map((phase) => shorten(phase, id));
  const setting = id === undefined ? "" : `${paint.green(`$ id=${id}`)}\n`;
  return `${paint.bold(head)}\n${setting}${shown.map((phase) => phaseText(phase, paint)).join("")}`;
}

/** The container's own: a dry run has invented one, which stands in paths only. */
function idOf({ id, phases }: PlanAnswer): string | undefined {
  const shells = phases.flatMap(({ rows }) => rows.map(({ shell }) => shell));
  return id || /[0-9a-f]{64}/.exec(shells.join("\n"))?.[0];
}

/** 64 digits in every second line hide what matters: commands say $id, sentences its beginning. */
const shorten = (phase: PlanPhase, id: string): PlanPhase => ({
  ...phase,
  rows: phase.rows.map((row) => ({
    ...row,
    shell: row.shell.replaceAll(id, "$id"),
    sentence: row.sentence.replaceAll(id, `${id.slice(0, 12)}…`),
  })),
});

function phaseText({ phase, stage, microseconds, rows }: PlanPhase, paint: Paint): string {
  const took = microseconds === undefined ? "" : `  ${timeText(microseconds)}`;
  return `\n${paint.cyan(paint.bold(phase))} ${paint.dim(`${STAGES[stage] ?? stage}${took}`)}\n${rows.map((row) => rowText(row, paint)).join("")}`;
}

function rowText({ index, sentence, manPage, shell, dependsOn, microseconds }: PlanRow, paint: Paint): string {
  const indent = " ".repeat(6);
  const [first = "", ...more] = wrap(plain(sentence), WIDTH - 18);
  const took = microseconds === undefined ? "" : timeText(microseconds);
  return [
    `${paint.dim(String(index).padStart(4))}  ${first.padEnd(WIDTH - 18)}  ${paint.yellow(took.padStart(8))}`.trimEnd(),
    ...more.map((line) => indent + line),
    `${indent}${paint.green(`$ ${plain(shell)}`)}  ${paint.dim(manPage)}`,
    ...(dependsOn === undefined
      ? []
      : wrap(`because: ${dependsOn}`, WIDTH - 8).map((line) => paint.dim(indent + line))),
    "",
  ].join("\n");
}

/** Lines of at most so many letters; a word that is longer stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
