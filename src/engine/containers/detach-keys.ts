/** The keys that end an attached client without ending its container: ctrl-p ctrl-q unless it asks for others. */
import { invalid } from "../errors.ts";

const DEFAULT = Buffer.from([16, 17]);

/**
 * @param text "ctrl-a,b,ctrl-]" as docker's --detach-keys; undefined or "" for the default
 * @param word what an error calls them: docker says escape for an exec
 * @returns the bytes a terminal sends for them
 * @throws EngineError invalid
 */
export function parseDetachKeys(text: string | undefined, word: "detach" | "escape" = "detach"): Buffer {
  if (!text) return DEFAULT;
  const bytes = text.split(",").flatMap((key) => keyByte(key) ?? []);
  if (bytes.length < text.split(",").length) throw invalid(`Invalid ${word} keys (${text}) provided`);
  return Buffer.from(bytes);
}

function keyByte(key: string): number | undefined {
  if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
  const control = /^ctrl-([a-z@[\]\\^_])$/i.exec(key)?.[1];
  if (control === undefined) return undefined;
  // A terminal's control characters are the letters' codes without their upper three bits: ^A is 1, ^] is 29.
  return control.toUpperCase().charCodeAt(0) & 0x1f;
}

export type DetachScanner = {
  /** @returns what to pass on, and whether the whole sequence has come */
  scan(data: Buffer): { pass: Buffer; detached: boolean };
};

/** Finds the sequence in a stream of input. A begun sequence is held back, and passed on when it goes on differently. */
export function createDetachScanner(keys: Buffer): DetachScanner {
  let matched = 0;
  return {
    scan(data) {
      const pass: number[] = [];
      for (const byte of data) {
        if (byte === keys[matched]) {
          matched++;
          if (matched === keys.length) return { pass: Buffer.from(pass), detached: true };
          continue;
        }
        if (matched > 0) {
          pass.push(...keys.subarray(0, matched));
          matched = byte === keys[0] ? 1 : 0;
          if (matched === 1 && keys.length > 1) continue;
        }
        pass.push(byte);
      }
      return { pass: pass.length === data.length ? data : Buffer.from(pass), detached: false };
    },
  };
}
