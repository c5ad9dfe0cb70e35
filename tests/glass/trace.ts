/** What strace(1) has seen, as calls; and which of them only the caller itself can notice. */
import { readFileSync } from "node:fs";

export type Call = {
  pid: number;
  name: string;
  /** the arguments as strace prints them, descriptors with what they stand for: 13</proc/bus> */
  args: string;
  /** the working directory at that moment, as far as fchdir(2) told */
  cwd: string;
};

/** Calls that succeeded, in the order of their beginning. @param path written by strace -f -yy */
export function readTrace(path: string): Call[] {
  const begun = new Map<number, { text: string; at: number }>();
  const lines: (string | undefined)[] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const [, pid = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text);
    if (text.endsWith("<unfinished ...>")) {
      begun.set(Number(pid), { text: text.slice(0, -"<unfinished ...>".length), at: lines.length });
      lines.push(undefined);
    } else if (resumed) {
      const start = begun.get(Number(pid));
      if (start) lines[start.at] = `${pid} ${start.text}${resumed[1]}`;
    } else if (pid) lines.push(`${pid} ${text}`);
  }
  const cwds = new Map<number, string>();
  return lines.flatMap((line) => {
    const match = /^(\d+) (\w+)\((.*)\) *= (-?\w+)/s.exec(line ?? "");
    if (!match || match[4] === "-1") return [];
    const [, pid = "", name = "", args = ""] = match;
    const cwd = cwds.get(Number(pid)) ?? "/";
    if (name === "fchdir") cwds.set(Number(pid), /<(.*)>/.exec(args)?.[1] ?? "?");
    if (name === "chdir") cwds.set(Number(pid), JSON.parse(args));
    return [{ pid: Number(pid), name, args, cwd }];
  });
}

/** These read, or change the caller's own memory, descriptors, signal handlers, working directory: nothing that isolates. */
const OWN = new Set(
  `read pread64 readv close stat fstat lstat newfstatat statx fstatfs statfs getdents64 access faccessat faccessat2 readlink readlinkat lseek
   brk mmap munmap mprotect mremap madvise rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack fcntl dup dup2 dup3 pipe2 socketpair socket
   epoll_create1 epoll_ctl epoll_wait epoll_pwait poll ppoll signalfd4 eventfd2 timerfd_create timerfd_settime getrandom rseq arch_prctl
   set_tid_address set_robust_list getpid getppid gettid getuid geteuid getgid getegid getsid getcwd uname clock_gettime clock_nanosleep
   nanosleep wait4 waitid recvfrom recvmsg getsockopt getsockname chdir fchdir umask capget pidfd_open memfd_create futex sched_getaffinity`
    .split(/\s+/)
    .filter(Boolean),
);
const OWN_PRCTL = /^PR_(SET_NAME|SET_DUMPABLE|SET_CHILD_SUBREAPER|SET_PDEATHSIG|CAPBSET_READ|GET_\w+)\b/;

/** Whether nobody but the caller can tell that it was made. Unknown calls count as changes. */
export function isOwn({ name, args }: Call): boolean {
  if (OWN.has(name)) return true;
  if (name === "prctl") return OWN_PRCTL.test(args);
  // The launcher's, of what the engine left open above its own; the child's is an operation.
  if (name === "close_range") return args.startsWith("6, 4294967295, ");
  if (name === "pidfd_send_signal") return args.includes(", 0, NULL, 0"); // is it alive?
  if (name === "prlimit64") return /, NULL, /.test(args);
  if (name.startsWith("open")) return name !== "open_tree" && !/O_CREAT|O_TRUNC/.test(args);
  // Its own pipes and sockets; what is sent to the kernel over netlink is a change.
  if (/^(write|writev|sendto|sendmsg|shutdown)$/.test(name))
    return /^\d+<(pipe:|UNIX|unix|socket:|anon_inode:)/.test(args);
  return false;
}
