/** Signals by name and number as signal(7) has them for x86 and ARM; real-time ones as glibc numbers them (34..64). */

const numbers: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  UNUSED: 31,
};
/** SIGRTMIN and SIGRTMAX as programs see them: the C library keeps 32 and 33 for its threads. */
const rtmin = 34;
const rtmax = 64;

/**
 * "SIGTERM", "term", "15", "SIGRTMIN+3" or "RTMAX-1" to a number.
 * @throws Error "invalid signal: TEXT"
 */
export function parseSignal(text: string): number {
  const number = /^\+?\d+$/.test(text) ? Number(text) : numberOfName(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number < 1 || number > rtmax) throw new Error(`invalid signal: ${text}`);
  return number;
}

function numberOfName(name: string): number | undefined {
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (!realTime) return Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  const [, end, sign, offset = "0"] = realTime;
  const number = end === "MIN" ? rtmin + Number(offset) : rtmax - Number(offset);
  const pointsInward = sign === undefined || (sign === "+") === (end === "MIN");
  return pointsInward && number >= rtmin && number <= rtmax ? number : undefined;
}

/** @returns the name with SIG: 9 -> "SIGKILL", 37 -> "SIGRTMIN+3", unknown -> the number as text. */
export function signalName(number: number): string {
  const name = Object.keys(numbers).find((name) => numbers[name] === number);
  if (name) return `SIG${name}`;
  if (number === rtmin) return "SIGRTMIN";
  if (number === rtmax) return "SIGRTMAX";
  return number > rtmin && number < rtmax ? `SIGRTMIN+${number - rtmin}` : String(number);
}
