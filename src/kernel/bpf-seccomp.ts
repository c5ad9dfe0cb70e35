/** What seccomp(2) hands to a filter and takes from it (linux/seccomp.h). */

/** Offsets in struct seccomp_data. */
export const seccompData = {
  nr: 0,
  arch: 4,
  argLow: (index: number) => 16 + index * 8,
  argHigh: (index: number) => 20 + index * 8,
};

/** Return values; the low 16 bits of errno, trap and trace are data. */
export const seccompReturn = {
  killProcess: 0x80000000,
  killThread: 0x00000000,
  trap: 0x00030000,
  errno: 0x00050000,
  trace: 0x7ff00000,
  log: 0x7ffc0000,
  allow: 0x7fff0000,
};

/** SECCOMP_FILTER_FLAG_* by name. */
export const seccompFlags: Readonly<Record<string, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
};
