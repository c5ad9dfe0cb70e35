/** TmpfsOptions of `--mount type=tmpfs` to mount(8)'s words. */
import type { Mount } from "../../wire/container.ts";

/** Throws what `fail` makes of the reason. */
export function tmpfsOptions(mount: Mount, fail: (reason: string) => Error): string[] {
  const { SizeBytes: size = 0, Mode: mode = 0, Options: options = [] } = mount.TmpfsOptions ?? {};
  const words: string[] = [];
  if (mount.ReadOnly) words.push("ro");
  if (mode !== 0) words.push(`mode=${mode.toString(8)}`);
  if (size < 0) throw fail("invalid size");
  if (size !== 0) words.push(`size=${size}`);
  for (const option of options) {
    const [word = ""] = option;
    if (option.length < 1 || option.length > 2) throw fail("invalid option array length");
    if (word !== "exec" && word !== "noexec") throw fail(`invalid option: ${word}`);
    words.push(word);
  }
  return words;
}
