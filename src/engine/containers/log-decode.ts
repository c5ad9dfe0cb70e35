/**
 * From lines of docker's json-file log to what `GET /containers/{id}/logs` sends. A line is
 *
 *     {"log":"text\n","stream":"stdout","attrs":{…},"time":"2026-01-02T03:04:05.123456789Z"}
 *
 * Logs are read by the hundred thousand lines, so this works on bytes, without a string or an object per line.
 */
import { FRAME_HEADER_BYTES, writeFrameHeader } from "../../wire/stdcopy.ts";
import { padNano, rfc3339ToNano } from "../../wire/timestamps.ts";

export type LogFormat = {
  stdout: boolean;
  stderr: boolean;
  /** Put "2026-01-02T03:04:05.123456789Z " before each line. */
  timestamps: boolean;
  /** Put the log attributes ("k=v,l=w ") before each line. */
  details: boolean;
  /** Docker's frames; else the text alone (containers with a terminal). */
  multiplexed: boolean;
  /** nanoseconds since the epoch */
  since?: bigint;
  until?: bigint;
};

export type LogDecoder = {
  /**
   * Decode the whole lines in `input` up to `length`.
   * @param output where what is to be sent is put, as long as the input: a line's JSON takes more bytes than header, timestamp,
   *   details and text of what is made from it
   * @returns what to send; how many bytes of input were used (the begin of a line is left); whether `until` was passed
   */
  decode(input: Buffer, length: number, output: Buffer): { output: Buffer; used: number; past: boolean };
  /** Leave out what is not newer than the last line decoded. */
  skipSeen(): void;
};

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_O = 0x6f;
const LETTER_E = 0x65;
const LOG = Buffer.from('{"log":"');
const STREAM = Buffer.from('","stream":"std');
const ATTRS = Buffer.from(',"attrs":');

export function createLogDecoder(format: LogFormat): LogDecoder {
  let since = format.since;
  let last = "";
  const headerBytes = format.multiplexed ? FRAME_HEADER_BYTES : 0;

  return {
    decode(input, length, output) {
      let at = 0;
      let used = 0;
      for (;;) {
        const newline = input.indexOf(NEWLINE, used);
        if (newline < 0 || newline >= length) {
          if (used > 0) last = timeOf(input, used - 1);
          return { output: output.subarray(0, at), used, past: false };
        }
        const start = used;
        used = newline + 1;
        if (!startsWith(input, LOG, start)) continue; // no line of ours: a disk that was full, a file that was edited

        const quote = endOfText(input, start + LOG.length, newline);
        const kind = startsWith(input, STREAM, quote) ? input[quote + STREAM.length] : undefined;
        if (kind === LETTER_O ? !format.stdout : kind !== LETTER_E || !format.stderr) continue;

        if (since !== undefined || format.until !== undefined) {
          const time = rfc3339ToNano(timeOf(input, newline)) ?? 0n;
          if (since !== undefined && time < since) continue;
          since = undefined; // lines are in order of time
          if (format.until !== undefined && time > format.until) {
            return { output: output.subarray(0, at), used, past: true };
          }
        }
        const frame = at;
        at += headerBytes;
        if (format.timestamps) at += output.write(`${padNano(timeOf(input, newline))} `, at, "latin1");
        if (format.details) at += output.write(detailsOf(input, quote + STREAM.length + 4, newline), at);
        at = unescapeInto(output, at, input, start + LOG.length, quote);
        if (headerBytes > 0) writeFrameHeader(output, frame, kind === LETTER_O ? 1 : 2, at - frame - headerBytes);
      }
    },
    skipSeen() {
      const seen = rfc3339ToNano(last);
      if (seen !== undefined) since = seen + 1n;
    },
  };
}

function startsWith(input: Buffer, word: Buffer, at: number): boolean {
  for (let i = 0; i < word.length; i++) if (input[at + i] !== word[i]) return false;
  return true;
}

/** Where the text's closing quote is; `limit` if it has none. */
function endOfText(input: Buffer, start: number, limit: number): number {
  let at = start;
  while (at < limit) {
    const byte = input[at];
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return limit;
}

/** The time is the last member: …"time":"HERE"}\n */
function timeOf(input: Buffer, newline: number): string {
  const end = newline - 2;
  return input.toString("latin1", input.lastIndexOf(QUOTE, end - 1) + 1, end);
}

/** Docker: sorted, URL-escaped, joined by commas, and a space also when there are none. */
function detailsOf(input: Buffer, start: number, newline: number): string {
  if (!startsWith(input, ATTRS, start)) return " ";
  const line = input.toString("utf8", start + ATTRS.length, newline);
  const attrs = JSON.parse(line.slice(0, line.lastIndexOf(',"time":'))) as Record<string, string>;
  const words = Object.entries(attrs).map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return `${words.sort().join(",")} `;
}

const ESCAPES = new Map([...'nrtbf"\\/'].map((letter, i) => [letter.charCodeAt(0), '\n\r\t\b\f"\\/'.charCodeAt(i)]));
const LETTER_U = 0x75;

/** JSON string escapes to bytes. @returns where the written text ends */
function unescapeInto(output: Buffer, outputAt: number, input: Buffer, start: number, end: number): number {
  let to = outputAt;
  for (let at = start; at < end; at++) {
    const byte = input[at] as number;
    if (byte !== BACKSLASH) {
      output[to++] = byte;
      continue;
    }
    const escaped = input[++at] as number;
    if (escaped !== LETTER_U) {
      output[to++] = ESCAPES.get(escaped) ?? escaped;
      continue;
    }
    // A run of \uXXXX is decoded as one: a character may be a pair of them.
    let last = at + 4;
    while (last + 6 < end && input[last + 1] === BACKSLASH && input[last + 2] === LETTER_U) last += 6;
    const text: unknown = JSON.parse(`"${input.toString("latin1", at - 1, last + 1)}"`);
    to += output.write(String(text), to);
    at = last;
  }
  return to;
}
