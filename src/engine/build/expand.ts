/** An instruction with its variables put in, as far as docker does so for its kind. */
import { invalid } from "../errors.ts";
import type { Instruction } from "./dockerfile/instruction.ts";
import type { Escape } from "./dockerfile/lines.ts";
import { type Environment, substitute, substituteText, substituteWords } from "./substitute.ts";

/** @throws EngineError invalid */
export function expand(instruction: Instruction, environment: Environment, escapeToken: Escape): Instruction {
  const word = (text: string) => substitute(text, environment, escapeToken);
  switch (instruction.type) {
    case "ADD":
    case "COPY": {
      const { sources, files, target, chown, chmod, checksum } = instruction;
      return {
        ...instruction,
        ...{ sources: sources.map(word), target: word(target), chown: word(chown) },
        ...{ chmod: word(chmod), checksum: word(checksum) },
        files: files.map((file) =>
          file.expand ? { ...file, content: substituteText(file.content, environment) } : file,
        ),
      };
    }
    case "RUN":
      return { ...instruction, mounts: instruction.mounts.map(word) };
    case "ARG":
      return {
        ...instruction,
        args: instruction.args.map(({ name, value }) => ({
          name: word(name),
          ...(value !== undefined && { value: word(value) }),
        })),
      };
    case "LABEL":
      if (instruction.literal) return instruction;
      return { ...instruction, pairs: pairsOf(instruction, word) };
    case "ENV":
      return { ...instruction, pairs: pairsOf(instruction, word) };
    case "EXPOSE":
      return {
        ...instruction,
        ports: instruction.ports.flatMap((port) => substituteWords(port, environment, escapeToken)),
      };
    case "VOLUME": {
      const paths = instruction.paths.map(word);
      if (paths.includes("")) throw invalid("VOLUME specified can not be an empty string");
      return { ...instruction, paths };
    }
    case "STOPSIGNAL":
    case "USER":
    case "WORKDIR": {
      const text = word(instruction.text);
      if (instruction.type === "WORKDIR" && text === "") throw invalid("cannot normalize nothing");
      return { ...instruction, text };
    }
    default:
      return instruction;
  }
}

function pairsOf(
  { type, pairs }: Extract<Instruction, { type: "ENV" | "LABEL" }>,
  word: (text: string) => string,
): { name: string; value: string }[] {
  return pairs.map(({ name, value }) => {
    const pair = { name: word(name), value: word(value) };
    if (pair.name === "") throw invalid(`${type} names can not be blank`);
    return pair;
  });
}
