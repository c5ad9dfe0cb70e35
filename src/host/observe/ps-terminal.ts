/** @param device dev_t as /proc/PID/stat has it. @returns "pts/0", "tty1" …, "?" without a terminal. */
export function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (device === 0) return "?";
  // Unix98 pseudo terminals: eight majors for the numbering of old kernels.
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 5 && minor === 1) return "console";
  return "?";
}
