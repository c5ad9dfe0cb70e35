const NAMED: Record<string, number> = { "@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, _: 31 };

/** ctrl-p, ctrl-q */
export const DEFAULT_KEYS = Uint8Array.of(16, 17);

/** "ctrl-p,ctrl-q" or "a,b" as bytes. @throws in docker's words */
export function keysOf(text: string): Uint8Array {
  return Uint8Array.from(
    text.split(",").map((key) => {
      if ([...key].length === 1) return key.charCodeAt(0);
      const letter = key.toLowerCase().replace(/^ctrl-/, "");
      if (key.toLowerCase().startsWith("ctrl-") && letter.length === 1) {
        if (letter >= "a" && letter <= "z") return letter.charCodeAt(0) - 96;
        const code = NAMED[letter];
        if (code !== undefined) return code;
      }
      throw new Error(`Unknown character: '${key}'`);
    }),
  );
}

/**
 * Watches typed bytes for the keys that detach. Keys are held back until it is clear that they are not the sequence's
 * beginning.
 * @returns for every piece typed, what to pass on, and whether the sequence is complete
 */
export function detachWatcher(keys: Uint8Array): (typed: Uint8Array) => { pass: Uint8Array; detached: boolean } {
  let matched = 0;
  return (typed) => {
    const pass: number[] = [];
    for (const byte of typed) {
      if (byte === keys[matched]) {
        matched++;
        if (matched === keys.length) return { pass: Uint8Array.from(pass), detached: true };
        continue;
      }
      pass.push(...keys.subarray(0, matched));
      matched = byte === keys[0] ? 1 : 0;
      if (matched === 0) pass.push(byte);
    }
    return { pass: Uint8Array.from(pass), detached: false };
  };
}
