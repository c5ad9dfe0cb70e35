/** mount(8)'s option words to the kernel's bits: MS_* for new file systems, MOUNT_ATTR_* for binds. */

import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
  MS_DIRSYNC,
  MS_MANDLOCK,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_NOSYMFOLLOW,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
} from "../kernel/mount-flags.ts";
import { InvalidInput } from "../lib/invalid-input.ts";
import type { Propagation } from "./spec.ts";

/** word -> the MS_* bits that it sets and clears, and the same in MOUNT_ATTR_*. */
const words: Readonly<Record<string, { set: number; clear: number; attrSet?: number; attrClear?: number }>> = {
  ro: { set: MS_RDONLY, clear: 0, attrSet: MOUNT_ATTR_RDONLY },
  rw: { set: 0, clear: MS_RDONLY, attrClear: MOUNT_ATTR_RDONLY },
  nosuid: { set: MS_NOSUID, clear: 0, attrSet: MOUNT_ATTR_NOSUID },
  suid: { set: 0, clear: MS_NOSUID, attrClear: MOUNT_ATTR_NOSUID },
  nodev: { set: MS_NODEV, clear: 0, attrSet: MOUNT_ATTR_NODEV },
  dev: { set: 0, clear: MS_NODEV, attrClear: MOUNT_ATTR_NODEV },
  noexec: { set: MS_NOEXEC, clear: 0, attrSet: MOUNT_ATTR_NOEXEC },
  exec: { set: 0, clear: MS_NOEXEC, attrClear: MOUNT_ATTR_NOEXEC },
  nosymfollow: { set: MS_NOSYMFOLLOW, clear: 0, attrSet: MOUNT_ATTR_NOSYMFOLLOW },
  noatime: { set: MS_NOATIME, clear: 0, attrSet: MOUNT_ATTR_NOATIME, attrClear: MOUNT_ATTR__ATIME },
  atime: { set: 0, clear: MS_NOATIME, attrSet: MOUNT_ATTR_RELATIME, attrClear: MOUNT_ATTR__ATIME },
  relatime: { set: MS_RELATIME, clear: 0, attrSet: MOUNT_ATTR_RELATIME, attrClear: MOUNT_ATTR__ATIME },
  norelatime: { set: 0, clear: MS_RELATIME },
  strictatime: { set: MS_STRICTATIME, clear: 0, attrSet: MOUNT_ATTR_STRICTATIME, attrClear: MOUNT_ATTR__ATIME },
  nostrictatime: { set: 0, clear: MS_STRICTATIME },
  nodiratime: { set: MS_NODIRATIME, clear: 0, attrSet: MOUNT_ATTR_NODIRATIME },
  diratime: { set: 0, clear: MS_NODIRATIME, attrClear: MOUNT_ATTR_NODIRATIME },
  sync: { set: MS_SYNCHRONOUS, clear: 0 },
  async: { set: 0, clear: MS_SYNCHRONOUS },
  dirsync: { set: MS_DIRSYNC, clear: 0 },
  mand: { set: MS_MANDLOCK, clear: 0 },
  nomand: { set: 0, clear: MS_MANDLOCK },
  defaults: { set: 0, clear: 0 },
};

const propagationFlags: Readonly<Record<Propagation, number>> = {
  private: MS_PRIVATE,
  rprivate: MS_PRIVATE | MS_REC,
  slave: MS_SLAVE,
  rslave: MS_SLAVE | MS_REC,
  shared: MS_SHARED,
  rshared: MS_SHARED | MS_REC,
};

export function propagationFlag(propagation: Propagation): number {
  return propagationFlags[propagation];
}

/**
 * Options of a file system made by mount(2). Later words win over earlier ones.
 * @returns MS_* flags, and what is left for the file system itself ("size=1m,mode=700"); of a key given twice, the last.
 */
export function mountOptions(options: readonly string[]): { flags: number; data: string } {
  let flags = 0;
  const data = new Map<string, string>();
  for (const option of options) {
    const word = Object.hasOwn(words, option) ? words[option] : undefined;
    if (word) flags = (flags & ~word.clear) | word.set;
    else if (option in propagationFlags)
      continue; // a new mount has no peers yet
    else if (option !== "") data.set(option.split("=", 1)[0] ?? "", option);
  }
  return { flags, data: [...data.values()].join(",") };
}

/**
 * Options of a bind mount: only the mount's own attributes can be given.
 * @throws InvalidInput for a word that is none, since a bind has no file system options.
 */
export function bindAttributes(options: readonly string[]): { set: number; clear: number } {
  let set = 0;
  let clear = 0;
  for (const option of options) {
    const word = Object.hasOwn(words, option) ? words[option] : undefined;
    if (!word) throw new InvalidInput(`invalid option for a bind mount: "${option}"`);
    const cleared = word.attrClear ?? 0;
    set = (set & ~cleared) | (word.attrSet ?? 0);
    // Only what is set or cleared in the end; __ATIME has to be cleared as a whole even when a mode is set.
    clear = (clear | cleared) & ~((word.attrSet ?? 0) & ~MOUNT_ATTR__ATIME);
  }
  return { set, clear };
}
