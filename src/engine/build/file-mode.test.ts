import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMode } from "./file-mode.ts";

test("octal modes are those of files and directories alike; symbolic ones change each one's own", () => {
  const cases: [string, string, number, number][] = [
    ["755", "file", 0o600, 0o755],
    ["0600", "dir", 0o755, 0o600],
    ["4755", "file", 0o600, 0o4755],
    ["u=rwX,go=rX", "file", 0o600, 0o644],
    ["u=rwX,go=rX", "file", 0o700, 0o755],
    ["u=rwX,go=rX", "dir", 0o600, 0o755],
    ["+x", "file", 0o644, 0o755],
    ["a-w", "file", 0o666, 0o444],
    ["go=", "file", 0o777, 0o700],
    ["g=u", "file", 0o640, 0o660],
    ["u+x-r,o=g", "file", 0o640, 0o344],
    ["u+s", "file", 0o755, 0o4755],
    ["+t", "dir", 0o777, 0o1777],
    ["g-s", "dir", 0o2775, 0o775],
  ];
  for (const [text, kind, mode, expected] of cases)
    assert.equal(parseMode(text)({ kind, mode }).toString(8), expected.toString(8), `${text} of ${mode.toString(8)}`);
});

test("what is no mode is told", () => {
  for (const text of ["", "8", "77777", "rwx", "u", "z=r", "u=q", "u=r,"])
    assert.throws(() => parseMode(text), /invalid chmod parameter/, text);
});
