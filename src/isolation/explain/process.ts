/** Identity, limits, system call filter, execve. */
import { capabilitiesOfMask, capabilityNames } from "../../kernel/capabilities.ts";
import { rlimitNames, rlimitResource } from "../../kernel/rlimits.ts";
import { type Explainers, list, quote } from "./explainer.ts";

const capabilities = (mask: string) => capabilitiesOfMask(BigInt(mask));
const words = (mask: string) => capabilities(mask).map((name) => `cap_${name.toLowerCase()}`);
const limitName = (resource: number) =>
  rlimitNames.find((name) => rlimitResource(name) === resource) ?? String(resource);
const limit = (value: number) => (value < 0 ? "unlimited" : String(value));

export const process = {
  umask: ({ mask }) => ({
    sentence: `New files lack the permissions ${mask.toString(8).padStart(4, "0")}.`,
    manPage: "umask(2)",
    shell: `umask ${mask.toString(8).padStart(4, "0")}`,
  }),
  rlimit: ({ resource, soft, hard }) => ({
    sentence: `Limit ${limitName(resource)} to ${limit(soft)}; the process may raise it to ${limit(hard)}.`,
    manPage: "getrlimit(2)",
    shell: `prlimit --pid $$ --${limitName(resource)}=${limit(soft)}:${limit(hard)}`,
    dependsOn: "We are root still: raising a limit takes CAP_SYS_RESOURCE.",
  }),
  chdir: ({ path }) => ({
    sentence: `Go to the working directory ${path}, and check that it lies inside the root.`,
    manPage: "chdir(2)",
    shell: `cd ${quote(path)}`,
    dependsOn: "The root is the container's, and what is to be hidden is hidden.",
  }),
  cap_bounding: ({ mask }) => {
    const dropped = capabilityNames.filter((name) => !capabilities(mask).includes(name));
    return {
      sentence: dropped.length
        ? `Give up ${dropped.length} of root's ${capabilityNames.length} powers for ever, also for programs with the setuid bit; ${
            capabilities(mask).length
          } stay.`
        : "Keep all of root's powers.",
      manPage: "capabilities(7)",
      shell: dropped.length
        ? `capsh --drop=${dropped.map((name) => `cap_${name.toLowerCase()}`).join(",")} -- -c program`
        : "true",
      dependsOn: "All that needs these powers is done.",
    };
  },
  set_user: ({ uid, gid, groups }) => ({
    sentence: `Become user ${uid} and group ${gid}${groups.length ? ` with the supplementary groups ${list(groups.map(String))}` : ", member of no other group"}.`,
    manPage: "setresuid(2)",
    shell: `setpriv --reuid ${uid} --regid ${gid} ${groups.length ? `--groups ${groups.join(",")}` : "--clear-groups"} program`,
    dependsOn: "What needs root is done; groups are changed first, as that takes root itself.",
  }),
  capabilities: ({ effective, inheritable, ambient }) => ({
    sentence: effective === "0" ? "Keep no capability." : `Keep these capabilities: ${list(capabilities(effective))}.`,
    manPage: "capset(2)",
    shell: `setpriv --inh-caps ${setpriv(inheritable)} --ambient-caps ${setpriv(ambient)} program`,
    dependsOn: "The user is changed: that may clear capabilities.",
  }),
  no_new_privs: () => ({
    sentence: "From here on no program can give us more power than we have, whatever its setuid bit says.",
    manPage: "PR_SET_NO_NEW_PRIVS(2const)",
    shell: "setpriv --no-new-privs program",
  }),
  seccomp: ({ program }) => ({
    sentence: `Let a filter of ${program.byteLength / 8} instructions decide about every system call.`,
    manPage: "seccomp(2)",
    shell: "systemd-run --property=SystemCallFilter=@system-service program",
    dependsOn: "What comes after is allowed by it: the filter is for ever.",
  }),
  close_range: ({ first }) => ({
    sentence: `Close all descriptors from ${first} on, but for the pipe that execve closes: one of the host's would lead out.`,
    manPage: "close_range(2)",
    shell: `for fd in /proc/self/fd/*; do [ "\${fd##*/}" -ge ${first} ] && eval "exec \${fd##*/}>&-"; done`,
  }),
  init: () => ({
    sentence: "Stay as process 1, which passes signals on and cleans up after orphans; the program becomes its child.",
    manPage: "pid_namespaces(7)",
    shell: "tini -- program",
    dependsOn: "Power is given away: process 1 has no more of it than the program.",
  }),
  own_proc: () => ({
    sentence: "Make a /proc of our own that is mounted nowhere: the container's may be anything.",
    manPage: "fsopen(2)",
    shell: "mount -t proc proc /mnt",
  }),
  files: ({ action, path }) => ({
    sentence: {
      stat: `Look what is at ${path} in the root, and tell the engine.`,
      read: `Read all that is at ${path} in the root, and send it to the engine.`,
      write: `Make below ${path} in the root what the engine sends.`,
    }[action],
    manPage: "openat2(2)",
    shell: {
      stat: `stat ${quote(path)}`,
      read: `tar --create --directory ${quote(path)} .`,
      write: `tar --extract --directory ${quote(path)}`,
    }[action],
    dependsOn: "The root is the container's: no link in it leads out, and no program of it is run.",
  }),
  execve: ({ argv, searchPath }) => ({
    sentence: argv[0]?.includes("/") ? `Become ${argv[0]}.` : `Become ${argv[0]}, found in ${searchPath}.`,
    manPage: "execve(2)",
    shell: `exec ${argv.map(quote).join(" ")}`,
    dependsOn: "All of the above: the program begins its life in a finished container.",
  }),
} satisfies Partial<Explainers>;

/** setpriv(1) writes +name for each, after -all. */
function setpriv(mask: string): string {
  return ["-all", ...words(mask).map((word) => `+${word.slice("cap_".length)}`)].join(",");
}
