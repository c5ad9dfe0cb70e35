/** COPY and ADD, parsed. */
import { invalid } from "../../errors.ts";
import { type Heredoc, heredocText, openingOf, withoutGaps } from "./heredoc.ts";
import { type Flags, jsonWords, plainWords } from "./words.ts";

/** A file whose content is in the Dockerfile. @property expand variables in it are put in */
export type InlineFile = { name: string; content: string; expand: boolean };

/**
 * Flags that change nothing in what is made here (`--link`, and `--keep-git-dir` where there is no git) are left out.
 * @property files BuildKit's here-documents
 * @property exclude patterns as in .dockerignore
 * @property checksum "sha256:…" of what is at a URL
 */
export type CopyBody = {
  type: "ADD" | "COPY";
  sources: string[];
  files: InlineFile[];
  target: string;
  chown: string;
  from: string;
  chmod: string;
  exclude: string[];
  parents: boolean;
  checksum: string;
};

/** @throws EngineError invalid */
export function parseCopy(parts: Flags & { name: string; args: string; heredocs: Heredoc[] }): CopyBody {
  const { name, flags, lists, args, heredocs } = parts;
  const words = jsonWords(args) ?? plainWords(heredocs.length > 0 ? withoutGaps(args) : args);
  const target = words.at(-1);
  if (target === undefined || words.length === 1) {
    throw invalid(
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  const { sources, files } = partSources(words.slice(0, -1), heredocs);
  if (heredocs.length > files.length) throw invalid(`${name} cannot accept a heredoc as a destination`);
  return {
    type: name === "ADD" ? "ADD" : "COPY",
    ...{ sources, files, target, chown: flags.chown ?? "", from: flags.from ?? "", chmod: flags.chmod ?? "" },
    ...{ exclude: lists.exclude ?? [], parents: flags.parents === "true", checksum: flags.checksum ?? "" },
  };
}

/** Here-documents are in the order of the words that begin them. */
function partSources(words: string[], heredocs: Heredoc[]): { sources: string[]; files: InlineFile[] } {
  const left = [...heredocs];
  const sources: string[] = [];
  const files: InlineFile[] = [];
  for (const word of words) {
    const heredoc = openingOf(word) && left.shift();
    if (heredoc) files.push({ name: heredoc.name, content: heredocText(heredoc), expand: heredoc.expand });
    else sources.push(word);
  }
  return { sources, files };
}
