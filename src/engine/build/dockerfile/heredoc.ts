/** Here-documents of RUN, COPY and ADD, as BuildKit has them: `RUN <<EOF`, `COPY <<-"a.txt" <<b.txt /dir/`. */
import { invalid } from "../../errors.ts";
import { quotedWords, withoutQuotes } from "./words.ts";

/**
 * @property content its lines as they are written, each with its newline
 * @property chomp tabs before a line are no part of it (`<<-`)
 * @property expand variables in it are put in: its delimiter is not quoted
 */
export type Heredoc = { name: string; content: string; chomp: boolean; expand: boolean };

type Opening = Omit<Heredoc, "content">;

const WITH_ARGUMENTS = /^\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+(?:--\S+\s+)*(\S[\s\S]*)$/i;

/**
 * The here-documents that an instruction's line begins, read from the lines behind it.
 * @param at of the first line behind it
 * @returns next: of the first line behind them
 * @throws EngineError invalid "unterminated heredoc"
 */
export function readHeredocs(
  line: string,
  lines: readonly string[],
  at: number,
): { heredocs: Heredoc[]; next: number } {
  let next = at;
  const heredocs = openings(line).map((opening): Heredoc => {
    let content = "";
    for (;;) {
      const read = lines[next++];
      if (read === undefined) throw invalid("unterminated heredoc");
      const text = read.replace(/\r+$/, "");
      if ((opening.chomp ? text.replace(/^\t+/, "") : text) === opening.name) return { ...opening, content };
      content += `${read}\n`;
    }
  });
  return { heredocs, next };
}

/** What it stands for. */
export function heredocText({ content, chomp }: Heredoc): string {
  return chomp ? content.replaceAll(/^\t+/gm, "") : content;
}

/** A line with its here-documents behind it, as a shell reads them. */
export function withHeredocs(line: string, heredocs: readonly Heredoc[]): string {
  return [line, ...heredocs.map(({ content, name }) => content + name)].join("\n");
}

/** `<<EOF`, `3<<-'EOF'`: what a word begins, if it begins a here-document. */
export function openingOf(word: string): Opening | undefined {
  const [, dash, delimiter = ""] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
  if (delimiter === "") return undefined;
  const name = withoutQuotes(delimiter, "\\");
  return { name, chomp: dash === "-", expand: name === delimiter };
}

/** `<< EOF` is the same as `<<EOF`, where what follows can be nothing but a name. */
export function withoutGaps(text: string): string {
  return text.replaceAll(/((?:^|\s)\d*<<-?)[ \t]+(?=(["']?)[A-Za-z_]\w*\2(?:\s|$))/g, "$1");
}

function openings(line: string): Opening[] {
  const args = WITH_ARGUMENTS.exec(line)?.[1];
  if (!args?.includes("<<") || isJson(args)) return [];
  return quotedWords(withoutGaps(args), "\\").flatMap((word) => openingOf(word) ?? []);
}

function isJson(text: string): boolean {
  if (!text.startsWith("[")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
