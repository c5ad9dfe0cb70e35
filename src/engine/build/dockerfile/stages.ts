/** A whole Dockerfile: arguments before the first FROM, then stages. */
import { EngineError, invalid } from "../../errors.ts";
import { readHeredocs } from "./heredoc.ts";
import { type Instruction, type InstructionOf, parseInstruction } from "./instruction.ts";
import { type Dialect, type Escape, readLines } from "./lines.ts";

/** @property index among the file's stages, by which COPY --from may name it */
export type Stage = { index: number; from: InstructionOf<"FROM">; instructions: Instruction[] };
export type Dockerfile = { before: InstructionOf<"ARG">[]; stages: Stage[]; escapeToken: Escape; warnings: string[] };

/** @throws EngineError invalid "dockerfile parse error line 3: unknown instruction: FOO" */
export function parseDockerfile(text: string, dialect: Dialect = "classic"): Dockerfile {
  const { lines, escapeToken, warnings } = readLines(text, dialect);
  const before: InstructionOf<"ARG">[] = [];
  const stages: Stage[] = [];
  for (const { text: line, number, heredocs } of lines) {
    try {
      const instruction = parseInstruction(line, escapeToken, { dialect, heredocs });
      const stage = stages.at(-1);
      if (instruction.type === "FROM") stages.push({ index: stages.length, from: instruction, instructions: [] });
      else if (stage) stage.instructions.push(instruction);
      else if (instruction.type === "ARG") before.push(instruction);
      else throw invalid("no build stage in current context");
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw invalid(`dockerfile parse error line ${number}: ${error.message}`);
    }
  }
  return { before, stages, escapeToken, warnings };
}

/** An instruction that comes alone, its here-documents behind it: a trigger of an image. @throws EngineError invalid */
export function parseTrigger(text: string, escapeToken: Escape, dialect: Dialect): Instruction {
  if (dialect === "classic") return parseInstruction(text, escapeToken);
  const [line = "", ...behind] = text.split("\n");
  return parseInstruction(line, escapeToken, { dialect, heredocs: readHeredocs(line, behind, 0).heredocs });
}
