import type { Readable, Writable } from "node:stream";
import { jsonLines } from "../engine/json-lines.ts";
import { CliError } from "../errors.ts";
import { humanSize, significant } from "../text/size.ts";

/** One line of what pull, push, load and import report. */
type Message = {
  id?: string;
  status?: string;
  stream?: string;
  error?: string;
  errorDetail?: { code?: number; message?: string };
  progressDetail?: { current?: number; total?: number; hidecounts?: boolean; units?: string };
  aux?: unknown;
};

type Screen = Writable & { isTTY?: boolean; columns?: number };

/**
 * Shows an engine's progress: on a terminal a line for each layer that is drawn over and over; else only what is news.
 * @param out where to; undefined shows nothing, errors are thrown all the same
 * @param onAux is given what is not for people ({"Digest": …})
 * @param onText is given each text before it is shown
 */
export async function showProgress(
  body: Readable,
  out: Screen | undefined,
  onAux?: (aux: unknown) => void,
  onText?: (text: string) => void,
): Promise<void> {
  const terminal = out?.isTTY === true;
  const rows = new Map<string, number>();
  for await (const message of jsonLines<Message>(body)) {
    const error = message.errorDetail?.message ?? message.error;
    if (error) throw new CliError(error, message.errorDetail?.code || 1);
    if (message.aux) {
      onAux?.(message.aux);
      continue;
    }
    if (message.stream !== undefined) onText?.(message.stream);
    if (!out) continue;
    const inProgress = (message.progressDetail?.current ?? 0) > 0 || (message.progressDetail?.total ?? 0) > 0;
    if (!message.id || !terminal) {
      if (!terminal && inProgress) continue;
      if (!message.id) rows.clear();
      out.write(line(message, 0));
      continue;
    }
    const known = rows.get(message.id);
    if (known === undefined) {
      rows.set(message.id, rows.size);
      out.write(line(message, out.columns ?? 80, true));
    } else {
      const up = rows.size - known;
      out.write(`\x1b[${up}A\x1b[2K\r${line(message, out.columns ?? 80, true).trimEnd()}\r\x1b[${up}B`);
    }
  }
}

function line(message: Message, columns: number, terminal = false): string {
  if (message.stream) return message.stream;
  const head = message.id ? `${message.id}: ` : "";
  const bar = terminal && message.progressDetail ? progressBar(message.progressDetail, columns) : "";
  return `${head}${message.status ?? ""}${bar && ` ${bar}`}\n`;
}

/** "[====>    ]  12.5MB/40MB" as wide as the terminal allows. */
function progressBar(
  { current = 0, total = 0, units, hidecounts }: NonNullable<Message["progressDetail"]>,
  columns: number,
): string {
  if (current <= 0 && total <= 0) return "";
  const size = (bytes: number) => (units ? `${bytes} ${units}` : humanSize(bytes));
  if (total <= 0) return units ? `${current} ${units}` : size(current).padStart(8);
  const filled = Math.min(50, Math.trunc((current / total) * 50));
  const bar = columns > 110 ? `[${"=".repeat(filled)}>${" ".repeat(50 - filled)}] ` : "";
  if (hidecounts) return bar;
  return `${bar}${size(current).padStart(8)}/${current > total ? significant(current, 4) : size(total)}`;
}
