/** Newline-delimited JSON. */
import { StringDecoder } from "node:string_decoder";

/**
 * A parser that is fed bytes as they come.
 * @param onValue called with the value of each complete line, in order; empty lines are passed over
 * @param maxLine longest line in characters that is waited for
 * @returns feed it chunks; it throws SyntaxError on a line that is no JSON and RangeError on one that is too long
 */
export function ndjsonParser(onValue: (value: unknown) => void, maxLine = 16 << 20): (chunk: Uint8Array) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return (chunk) => {
    const lines = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onValue(JSON.parse(line));
    if (rest.length > maxLine) throw new RangeError(`a line of more than ${maxLine} characters`);
  };
}
