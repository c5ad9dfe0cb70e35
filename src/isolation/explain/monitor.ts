/** The monitor's part: log, socket, exit record, stdio, and what it does when the container has ended. */
import { type Explainers, quote } from "./explainer.ts";

export const monitor = {
  log_json: ({ path, maxSize, maxFiles }) => ({
    sentence: `Write each line of output, with its time, to the log ${path}${
      maxSize ? `; begin a new file after ${maxSize} bytes and keep ${maxFiles}` : ""
    }.`,
    manPage: "write(2)",
    shell: `program | tee -a ${quote(path)}`,
  }),
  listen: ({ path }) => ({
    sentence: `Open the socket ${path}, on which clients attach to the container, resize its terminal and send it signals.`,
    manPage: "unix(7)",
    shell: `socat UNIX-LISTEN:${quote(path)},mode=0600,fork -`,
  }),
  exit_record: ({ path }) => ({
    sentence: `When the container ends, write its exit code to ${path}, so that it is known even if the engine is not running then.`,
    manPage: "rename(2)",
    shell: `program; echo $? > ${quote(path)}`,
  }),
  own_stdio: ({ uid, gid }) => ({
    sentence: `Give the pipes to the host's user ${uid} and group ${gid}, who is root inside.`,
    manPage: "fchown(2)",
    shell: `chown ${uid}:${gid} out err`,
    dependsOn: "The pipes are made.",
  }),
  stdio: ({ pty, rows, cols, stdin }) => ({
    sentence: pty
      ? `Get ready for a terminal of ${rows} rows and ${cols} columns.`
      : `Make the pipes for standard output and standard error${stdin ? " and standard input" : "; standard input is /dev/null"}.`,
    manPage: pty ? "pty(7)" : "pipe(7)",
    shell: pty ? `stty rows ${rows} cols ${cols}` : stdin ? "mkfifo in out err" : "mkfifo out err",
  }),
  channel_stdio: () => ({
    sentence: "Take the engine's own connection as standard input and output, in place of the pipes.",
    manPage: "unix(7)",
    shell: "socat UNIX-CONNECT:engine.sock EXEC:program",
    dependsOn: "What follows is no program of the container's: one could speak to the engine here.",
  }),
  end_with_engine: () => ({
    sentence: "When the engine dies, die too: nobody else waits for this.",
    manPage: "PR_SET_PDEATHSIG(2const)",
    shell: "setpriv --pdeathsig KILL program",
  }),
  pty: ({ console }) => ({
    sentence: `Open a new pseudo terminal in the container's own /dev/pts, hand its master side to the monitor and make the other side the controlling terminal${
      console ? " and /dev/console" : ""
    }.`,
    manPage: "pty(7)",
    shell: "setsid --ctty program <> /dev/pts/0 >&0 2>&0",
    dependsOn: "/dev/pts is mounted: a terminal from the host's would not be there inside.",
  }),
  pipes: () => ({
    sentence: "Start a new session and connect standard input, output and error to the monitor's pipes.",
    manPage: "dup2(2)",
    shell: "setsid program < in > out 2> err",
  }),
  cgroup_kill: ({ path }) => ({
    sentence: `Kill every process that is left in the cgroup ${path}, and wait until it is empty.`,
    manPage: "cgroups(7)",
    shell: `echo 1 > ${quote(`${path}/cgroup.kill`)}`,
    dependsOn:
      "The first process has ended; with it the kernel kills the others of its PID namespace, if it had one of its own.",
  }),
  read_counter: ({ name, path, key }) => ({
    sentence: `Read ${name} from ${path} into the exit record.`,
    manPage: "cgroups(7)",
    shell: key ? `grep ${quote(`^${key} `)} ${quote(path)}` : `cat ${quote(path)}`,
    dependsOn: "All processes are dead, so the counter is final; the cgroup, and the counter with it, is still there.",
  }),
  cgroup_remove: ({ path }) => ({
    sentence: `Remove the cgroup ${path} and what lies below.`,
    manPage: "rmdir(2)",
    shell: `find ${quote(path)} -depth -type d -exec rmdir {} +`,
    dependsOn: "No process is in it: the kernel removes empty cgroups only.",
  }),
  unlink: ({ path }) => ({
    sentence: `Remove ${path}.`,
    manPage: "unlink(2)",
    shell: `rm -f ${quote(path)}`,
  }),
} satisfies Partial<Explainers>;
