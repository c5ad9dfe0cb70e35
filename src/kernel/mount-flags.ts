/** Mount flags: MS_* of mount(2), MOUNT_ATTR_* of mount_setattr(2) (linux/mount.h). Both are needed: new file systems are
 * made by mount(2), binds by open_tree(2) and mount_setattr(2), and their bits differ. */

export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_SYNCHRONOUS = 16;
export const MS_REMOUNT = 32;
export const MS_MANDLOCK = 64;
export const MS_DIRSYNC = 128;
export const MS_NOSYMFOLLOW = 256;
export const MS_NOATIME = 1024;
export const MS_NODIRATIME = 2048;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_PRIVATE = 1 << 18;
export const MS_SLAVE = 1 << 19;
export const MS_SHARED = 1 << 20;
export const MS_RELATIME = 1 << 21;
export const MS_STRICTATIME = 1 << 24;

export const MOUNT_ATTR_RDONLY = 0x1;
export const MOUNT_ATTR_NOSUID = 0x2;
export const MOUNT_ATTR_NODEV = 0x4;
export const MOUNT_ATTR_NOEXEC = 0x8;
/** Mask of the access time modes: to set one, this mask must be cleared in the same call. RELATIME is the mode 0. */
export const MOUNT_ATTR__ATIME = 0x70;
export const MOUNT_ATTR_RELATIME = 0x0;
export const MOUNT_ATTR_NOATIME = 0x10;
export const MOUNT_ATTR_STRICTATIME = 0x20;
export const MOUNT_ATTR_NODIRATIME = 0x80;
export const MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

/** Names of the bits set, in mount(8)'s words: "ro,nosuid". For people; MS_BIND, MS_REC and MS_REMOUNT are left out. */
export function mountOptionNames(flags: number): string[] {
  return optionBits.filter(([, bit]) => flags & bit).map(([name]) => name);
}

/** The same for MOUNT_ATTR_* bits. */
export function mountAttrNames(attrs: number): string[] {
  return attrBits.filter(([, bit]) => (bit & MOUNT_ATTR__ATIME ? (attrs & 0x70) === bit : attrs & bit)).map(([n]) => n);
}

/** "rslave" and its like for a propagation flag, "" for none. */
export function propagationName(flags: number): string {
  const kind = flags & MS_SHARED ? "shared" : flags & MS_SLAVE ? "slave" : flags & MS_PRIVATE ? "private" : "";
  return kind && flags & MS_REC ? `r${kind}` : kind;
}

const optionBits: readonly (readonly [string, number])[] = [
  ["ro", MS_RDONLY],
  ["nosuid", MS_NOSUID],
  ["nodev", MS_NODEV],
  ["noexec", MS_NOEXEC],
  ["sync", MS_SYNCHRONOUS],
  ["mand", MS_MANDLOCK],
  ["dirsync", MS_DIRSYNC],
  ["nosymfollow", MS_NOSYMFOLLOW],
  ["noatime", MS_NOATIME],
  ["nodiratime", MS_NODIRATIME],
  ["relatime", MS_RELATIME],
  ["strictatime", MS_STRICTATIME],
];

const attrBits: readonly (readonly [string, number])[] = [
  ["ro", MOUNT_ATTR_RDONLY],
  ["nosuid", MOUNT_ATTR_NOSUID],
  ["nodev", MOUNT_ATTR_NODEV],
  ["noexec", MOUNT_ATTR_NOEXEC],
  ["noatime", MOUNT_ATTR_NOATIME],
  ["strictatime", MOUNT_ATTR_STRICTATIME],
  ["nodiratime", MOUNT_ATTR_NODIRATIME],
  ["nosymfollow", MOUNT_ATTR_NOSYMFOLLOW],
];
