/** Which stages a target is made of, for BuildKit's dialect: the others are left out. */
import { invalid } from "../errors.ts";
import type { Instruction } from "./dockerfile/instruction.ts";
import type { Stage } from "./dockerfile/stages.ts";

/** Puts the variables of the whole file into a text. */
type Word = (text: string) => string;

/**
 * The target and what it needs, by FROM, COPY --from and RUN --mount=from=.
 * @returns in the file's order, unless one needs a later one; the target is the last. Names of stages are put in.
 * @throws EngineError invalid when they need each other
 */
export function neededStages(stages: readonly Stage[], target: Stage, word: Word): Stage[] {
  const needed = new Map<number, { stage: Stage; needs: number[] }>();
  const pending = [target];
  for (let stage = pending.pop(); stage; stage = pending.pop()) {
    if (needed.has(stage.index)) continue;
    const named = { ...stage, instructions: stage.instructions.map((one) => withStageNames(one, word)) };
    const needs = needsOf(named, stages, word);
    needed.set(stage.index, { stage: named, needs });
    pending.push(...needs.flatMap((index) => stages[index] ?? []));
  }
  return inOrder([...needed.values()].sort((a, b) => a.stage.index - b.stage.index));
}

/** With the variables in its names of stages put in: they are those of the whole file, whatever the stage declares. */
export function withStageNames(instruction: Instruction, word: Word): Instruction {
  if (instruction.type === "COPY") return { ...instruction, from: word(instruction.from) };
  if (instruction.type !== "RUN") return instruction;
  const mounts = instruction.mounts.map((mount) =>
    mount.replace(FROM, (_all, key: string, name: string) => key + word(name)),
  );
  return { ...instruction, mounts };
}

/** Of a mount. */
const FROM = /((?:^|,)from=)([^,]*)/i;

function needsOf({ index, from, instructions }: Stage, stages: readonly Stage[], word: Word): number[] {
  const base = word(from.image).toLowerCase();
  const earlier = base === "" ? -1 : stages.slice(0, index).findLastIndex((stage) => stage.from.stage === base);
  const names = instructions.flatMap((instruction) => {
    if (instruction.type === "COPY") return instruction.from;
    return instruction.type === "RUN" ? instruction.mounts.map((mount) => FROM.exec(mount)?.[2] ?? "") : [];
  });
  return [earlier, ...names.map((name) => indexOf(name, index, stages))].filter((at) => at >= 0);
}

/** -1 if it is no stage's name; then it is an image's. */
function indexOf(name: string, before: number, stages: readonly Stage[]): number {
  if (name === "") return -1;
  if (/^\d+$/.test(name)) return Number(name) < stages.length ? Number(name) : -1;
  const isCalled = ({ from }: Stage) => from.stage === name.toLowerCase();
  const earlier = stages.slice(0, before).findLastIndex(isCalled);
  return earlier < 0 ? stages.findIndex(isCalled) : earlier;
}

/** @param wanted in the file's order */
function inOrder(wanted: { stage: Stage; needs: number[] }[]): Stage[] {
  const left = [...wanted];
  const done = new Set<number>();
  const ordered: Stage[] = [];
  while (left.length > 0) {
    const next = left.findIndex(({ needs }) => needs.every((index) => done.has(index)));
    const [found] = left.splice(Math.max(next, 0), 1);
    if (!found) break;
    const { index, from } = found.stage;
    if (next < 0) throw invalid(`circular dependency detected on stage: ${from.stage || `stage-${index}`}`);
    done.add(index);
    ordered.push(found.stage);
  }
  return ordered;
}
