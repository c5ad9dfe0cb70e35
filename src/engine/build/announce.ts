/** Each instruction is told of before it is carried out: with its place in the whole build, and in its stage. */
import type { Build } from "./build.ts";
import type { Instruction } from "./dockerfile/instruction.ts";
import type { Dockerfile, Stage } from "./dockerfile/stages.ts";

/** @param stage undefined before the first */
export type Announce = (instruction: Instruction, stage?: Stage) => void;

/** What has to do with files: the others only change what is said of the image. */
const ABOUT_FILES = new Set<Instruction["type"]>(["FROM", "RUN", "COPY", "ADD", "WORKDIR"]);
const aboutFiles = ({ type }: Instruction) => ABOUT_FILES.has(type);

/** @param wanted the stages that are built, out of all of the Dockerfile */
export function createAnnounce(
  { output }: Pick<Build, "output">,
  { before, stages }: Dockerfile,
  wanted: Stage[],
): Announce {
  const total = before.length + wanted.reduce((sum, { instructions }) => sum + 1 + instructions.length, 0);
  let number = 0;
  let position = 0;
  return (instruction, stage) => {
    const { type, source } = instruction;
    if (type === "FROM") position = 0;
    if (stage && aboutFiles(instruction)) position++;
    output({
      ...{ kind: "step", number: ++number, total, source, stage: "" },
      ...(stage && stages.length > 1 && { stage: stage.from.stage || `stage-${stage.index}` }),
      ...(stage &&
        aboutFiles(instruction) && { ofStage: { position, total: 1 + stage.instructions.filter(aboutFiles).length } }),
    });
  };
}
