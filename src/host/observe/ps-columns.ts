/** ps's columns by the names that -o takes: the title and how the value is computed (ps(1), STANDARD FORMAT SPECIFIERS). */

import { userHz } from "../../kernel/proc-stat.ts";
import type { PsHost, PsProcess } from "./ps-process.ts";
import { terminalName } from "./ps-terminal.ts";
import { bsdTime, cpuTime, elapsedTime, startBsd, startFull, startLong, startShort } from "./ps-times.ts";

export type PsColumn = { title: string; value(process: PsProcess, host: PsHost): string | number };
type Value = PsColumn["value"];

const pageKilobytes = 4;
/** Longer names end in "+" (ps keeps the columns aligned). */
const nameWidth = 8;
/** SCHED_* by number: other, FIFO, RR, batch, ISO, idle, deadline. */
const schedulingClasses = ["TS", "FF", "RR", "B", "ISO", "IDL", "DLN"];

const seconds = ({ stat }: PsProcess) => (stat.userTime + stat.systemTime) / userHz;
const started = ({ stat }: PsProcess, { bootTime }: PsHost) => bootTime + stat.startTime / userHz;
const age = ({ stat }: PsProcess, { uptime }: PsHost) => Math.max(1 / userHz, uptime - stat.startTime / userHz);
/** Of the time since its start that it spent on a CPU, in thousandths. */
const cpuShare = (process: PsProcess, host: PsHost) => (seconds(process) * 1000) / age(process, host);
const residentKilobytes = ({ residentKilobytes }: PsProcess) => residentKilobytes;

const userName =
  (id: (process: PsProcess) => number): Value =>
  (process, { userNames }) =>
    shortName(userNames, id(process));
const groupName =
  (id: (process: PsProcess) => number): Value =>
  (process, { groupNames }) =>
    shortName(groupNames, id(process));
const effectiveUser = userName(({ uid }) => uid.effective);
const effectiveGroup = groupName(({ gid }) => gid.effective);
const command: Value = ({ stat }) => withoutControls(stat.comm) + (stat.state === "Z" ? " <defunct>" : "");
const terminal: Value = ({ stat }) => terminalName(stat.ttyNumber);
const cpuPercent: Value = (process, host) => tenths(cpuShare(process, host));
const memoryPercent: Value = (process, { memoryTotal }) =>
  tenths(memoryTotal > 0 ? (residentKilobytes(process) * 1024 * 1000) / memoryTotal : 0);
const virtualKilobytes: Value = ({ stat }) => Math.floor(stat.virtualBytes / 1024);
const processorClass: Value = ({ stat }) => schedulingClasses[stat.policy] ?? "?";

/** Keys are what -o takes. */
const table: Record<string, [title: string, value: Value]> = {
  "%cpu": ["%CPU", cpuPercent],
  "%mem": ["%MEM", memoryPercent],
  addr: ["ADDR", () => "-"],
  args: ["COMMAND", commandLine],
  bsdstart: ["START", (process, host) => startBsd(started(process, host), host.now)],
  bsdtime: ["TIME", (process) => bsdTime(seconds(process))],
  c: ["C", (process, host) => Math.min(99, Math.floor(cpuShare(process, host) / 10))],
  class: ["CLS", processorClass],
  cls: ["CLS", processorClass],
  cmd: ["CMD", commandLine],
  comm: ["COMMAND", command],
  command: ["COMMAND", commandLine],
  cputime: ["TIME", (process) => cpuTime(seconds(process))],
  cputimes: ["TIME", (process) => Math.floor(seconds(process))],
  egid: ["EGID", ({ gid }) => gid.effective],
  egroup: ["EGROUP", effectiveGroup],
  etime: ["ELAPSED", (process, host) => elapsedTime(age(process, host))],
  etimes: ["ELAPSED", (process, host) => Math.floor(age(process, host))],
  euid: ["EUID", ({ uid }) => uid.effective],
  euser: ["EUSER", effectiveUser],
  f: ["F", flags],
  flag: ["F", flags],
  flags: ["F", flags],
  fgid: ["FGID", ({ gid }) => gid.fs],
  fuid: ["FUID", ({ uid }) => uid.fs],
  gid: ["GID", ({ gid }) => gid.effective],
  group: ["GROUP", effectiveGroup],
  lstart: ["STARTED", (process, host) => startFull(started(process, host))],
  lwp: ["LWP", ({ tid }) => tid],
  maj_flt: ["MAJFL", ({ stat }) => stat.majorFaults],
  min_flt: ["MINFL", ({ stat }) => stat.minorFaults],
  ni: ["NI", niceness],
  nice: ["NI", niceness],
  nlwp: ["NLWP", ({ threads }) => threads],
  pcpu: ["%CPU", cpuPercent],
  pgid: ["PGID", ({ stat }) => stat.pgrp],
  pgrp: ["PGRP", ({ stat }) => stat.pgrp],
  pid: ["PID", ({ pid }) => pid],
  pmem: ["%MEM", memoryPercent],
  policy: ["POL", processorClass],
  ppid: ["PPID", ({ stat }) => stat.ppid],
  pri: ["PRI", ({ stat }) => 39 - stat.priority],
  /** -l's own PRI, and BSD's. */
  opri: ["PRI", ({ stat }) => 60 + stat.priority],
  priority: ["PRI", ({ stat }) => stat.priority],
  psr: ["PSR", ({ stat }) => stat.processor],
  rgid: ["RGID", ({ gid }) => gid.real],
  rgroup: ["RGROUP", groupName(({ gid }) => gid.real)],
  rss: ["RSS", residentKilobytes],
  rssize: ["RSS", residentKilobytes],
  rsz: ["RSZ", residentKilobytes],
  rtprio: ["RTPRIO", ({ stat }) => (stat.policy === 1 || stat.policy === 2 ? stat.realTimePriority : "-")],
  ruid: ["RUID", ({ uid }) => uid.real],
  ruser: ["RUSER", userName(({ uid }) => uid.real)],
  s: ["S", ({ stat }) => stat.state],
  sess: ["SESS", ({ stat }) => stat.session],
  session: ["SESS", ({ stat }) => stat.session],
  sgid: ["SGID", ({ gid }) => gid.saved],
  sid: ["SID", ({ stat }) => stat.session],
  spid: ["SPID", ({ tid }) => tid],
  start: ["STARTED", (process, host) => startLong(started(process, host), host.now)],
  start_time: ["START", (process, host) => startShort(started(process, host), host.now)],
  stat: ["STAT", stateLetters],
  state: ["S", ({ stat }) => stat.state],
  stime: ["STIME", (process, host) => startShort(started(process, host), host.now)],
  suid: ["SUID", ({ uid }) => uid.saved],
  suser: ["SUSER", userName(({ uid }) => uid.saved)],
  sz: ["SZ", ({ stat }) => Math.floor(stat.virtualBytes / 1024 / pageKilobytes)],
  thcount: ["THCNT", ({ threads }) => threads],
  tid: ["TID", ({ tid }) => tid],
  time: ["TIME", (process) => cpuTime(seconds(process))],
  times: ["TIME", (process) => Math.floor(seconds(process))],
  tname: ["TTY", terminal],
  tpgid: ["TPGID", ({ stat }) => stat.foregroundGroup],
  tt: ["TT", terminal],
  tty: ["TT", terminal],
  ucmd: ["CMD", command],
  ucomm: ["COMMAND", command],
  uid: ["UID", ({ uid }) => uid.effective],
  uname: ["USER", effectiveUser],
  user: ["USER", effectiveUser],
  vsize: ["VSZ", virtualKilobytes],
  vsz: ["VSZ", virtualKilobytes],
  wchan: ["WCHAN", ({ waitChannel }) => (waitChannel === "0" || waitChannel === "" ? "-" : waitChannel.slice(0, 6))],
  /** The user's name under -f's title. */
  uid_hack: ["UID", effectiveUser],
};

/** @returns undefined when there is no such column. */
export function psColumn(key: string): PsColumn | undefined {
  const [title, value] = (Object.hasOwn(table, key) && table[key]) || [];
  return title !== undefined && value !== undefined ? { title, value } : undefined;
}

function shortName(names: ReadonlyMap<number, string>, id: number): string {
  const name = names.get(id);
  if (name === undefined) return String(id);
  return name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}+` : name;
}

function commandLine(process: PsProcess, host: PsHost): string {
  if (process.stat.state === "Z") return `[${withoutControls(process.stat.comm)}] <defunct>`;
  const args = process.cmdline.replace(/\0+$/, "");
  return args === "" ? `[${command(process, host)}]` : withoutControls(args.replaceAll("\0", " "));
}

/** A process chooses its name and arguments: nothing of them may move the reader's cursor. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}|\u{fffd}/gu, "?");
}

/** A number of thousandths as percent with one digit, cut and not rounded. */
function tenths(perMille: number): string {
  const whole = Math.floor(perMille);
  return whole > 999 ? String(Math.floor(whole / 10)) : `${Math.floor(whole / 10)}.${whole % 10}`;
}

function flags({ stat }: PsProcess): string {
  return ((stat.flags >> 6) & 7).toString(8);
}

function niceness({ stat }: PsProcess): string | number {
  return stat.policy === 1 || stat.policy === 2 || stat.policy === 6 ? "-" : stat.nice;
}

function stateLetters({ stat, threads, lockedMemory, pid }: PsProcess): string {
  const letters: [boolean, string][] = [
    [stat.nice < 0, "<"],
    [stat.nice > 0, "N"],
    [lockedMemory, "L"],
    [stat.session === pid, "s"],
    [threads > 1, "l"],
    [stat.foregroundGroup === stat.pgrp, "+"],
  ];
  return stat.state + letters.flatMap(([holds, letter]) => (holds ? [letter] : [])).join("");
}
