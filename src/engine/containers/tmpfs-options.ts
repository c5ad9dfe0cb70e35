/** TmpfsOptions of `--mount type=tmpfs` to mount(8)'s words. */
import type { Mount } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

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

/** tmpfs(5): what a value may look like. The kernel would say no more than EINVAL. */
const VALUES: Readonly<Record<string, RegExp>> = {
  size: /^\d+[kmgKMG%]?$/,
  mode: /^[0-7]{1,4}$/,
  uid: /^\d{1,10}$/,
  gid: /^\d{1,10}$/,
  nr_inodes: /^\d+[kmgKMG]?$/,
  nr_blocks: /^\d+[kmgKMG]?$/,
  mpol: /./,
};
/** Options of --tmpfs as mount(8) spells them; docker's list. */
const FLAGS = new Set(
  `defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync mand nomand atime noatime diratime nodiratime
   relatime norelatime strictatime nostrictatime bind rbind private rprivate shared rshared slave rslave
   unbindable runbindable remount`
    .split(/\s+/)
    .filter(Boolean),
);

/** Options of HostConfig.Tmpfs. Throws invalid on those that are none, in docker's words, and on values that the kernel would not take. */
export function checkedTmpfs(options: string[]): string[] {
  for (const option of options) {
    if (FLAGS.has(option)) continue;
    const [name = "", ...rest] = option.split("=");
    const value = VALUES[name];
    // As Go prints what is left of it: a list of quoted words.
    if (!value || rest.length === 0) {
      const words = option.split("=").map((word) => JSON.stringify(word));
      throw invalid(`invalid tmpfs option [${words.join(" ")}]`);
    }
    if (!value.test(rest.join("="))) throw invalid(`invalid tmpfs option ${option}: bad value for ${name}`);
  }
  return options;
}
