/** Where Cloche means to differ from every dockerd, or cannot be the same. */
import type { KnownGroup } from "./known-differences.ts";

export const intended: KnownGroup = {
  title: "Cloche's own",
  why: "Each is either a consequence of how Cloche works, or the answer that tells the user more.",
  differences: [
    {
      what: "capabilities that the engine itself lacks (here: a virtual machine without one)",
      dockerd: "--privileged and --cap-add ALL fail: unable to apply caps",
      cloche: "the container gets those that there are",
      match: { step: /--privileged|--cap-add ALL/ },
    },
    {
      what: "texts of JSON that cannot be read",
      dockerd: "Go's: invalid character …",
      cloche: "JavaScript's: invalid JSON: …",
      match: {
        where: /message$/,
        dockerd: /invalid character|json: cannot unmarshal/,
        cloche: /invalid (JSON|filter)|json: cannot/,
      },
    },
    {
      what: "an exec that was created with a terminal, and started without saying so again",
      dockerd: "its output is in frames, as if it had none",
      cloche: "raw, as a terminal's is",
      match: { step: /"Tty":true.*od -c/ },
    },
    {
      what: "cp from and to /proc, /dev and tmpfs of a container that runs",
      dockerd: "the directories of its root below them",
      cloche: "what the container sees there",
      match: { step: /docker cp .*ra:\/(tmp|proc)/ },
    },
    {
      what: "a container that is on internal networks only",
      dockerd: "has a default route, whose packets are dropped",
      cloche: "has none: what is outside is unreachable at once",
      match: { step: /--network shut/, dockerd: /^default via/ },
    },
    {
      what: "--cpu-shares that the kernel would change",
      dockerd: "told at start, or by runc: the minimum allowed cpu-shares is 2",
      cloche: "told at create, in the same words without the prefix",
      match: { step: / -c (1|300000) /, cloche: /the (minimum|maximum) allowed cpu-shares is|^$|^\(nothing\)$/ },
    },
    {
      what: "resize to what is no number",
      dockerd: "strconv.Atoi: …",
      cloche: "invalid resize height",
      match: { step: /\/resize/, cloche: /invalid resize height/ },
    },
    {
      what: "PID of an exec that has ended",
      dockerd: "kept, though another process may have it",
      cloche: "0",
      match: { step: /exec.*\/json/, where: /\.Pid$/, cloche: /^0$/ },
    },
    {
      what: "swarm",
      dockerd: "can be made",
      cloche: "503: this node is not part of a swarm",
      match: { step: /swarm\/init/ },
    },
    {
      what: "pull where nobody listens",
      dockerd: "asks for /v2/ first",
      cloche: "asks for the manifest at once",
      match: { dockerd: /127\.0\.0\.1:1\/v2\/"/, cloche: /127\.0\.0\.1:1\/v2\/none\/manifests/ },
    },
    {
      what: "an archive that is none",
      dockerd: "Error processing tar file(exit status 1): unexpected EOF",
      cloche: "unexpected EOF",
      match: { step: /^echo nonsense \|/, dockerd: /Error processing tar file/, cloche: /unexpected EOF/ },
    },
    {
      what: "inspect: sandbox and network of a container that has stopped",
      dockerd: "those that it had",
      cloche: "empty",
      match: { where: /\.(SandboxID|SandboxKey|NetworkID)$/, cloche: /^""$/ },
    },
    {
      what: "/sys/fs/cgroup in a container",
      dockerd: "the directory of the hierarchies is writable",
      cloche: "read-only, as what is below it",
      match: { step: /mountinfo/, dockerd: /^\/sys\/fs\/cgroup rw|nothing/, cloche: /^\/sys\/fs\/cgroup ro|nothing/ },
    },
    {
      what: "/dev/core",
      dockerd: "a link only if the host's kernel has /proc/kcore",
      cloche: "always a link",
      match: { step: /ls \/dev/, dockerd: /nothing/, cloche: /^core$/ },
    },
    {
      what: "--init",
      dockerd: "/sbin/docker-init, mounted into the container",
      cloche: "a process of the engine's own, cloche:init",
      match: { step: /--init .*comm/ },
    },
    {
      what: "working directory that is a file",
      dockerd: "Cannot mkdir: x is not a directory",
      cloche: "chdir to cwd: not a directory",
      match: { step: /-w \/etc\/passwd/, where: /stderr/ },
    },
    {
      what: "a block device that does not exist",
      dockerd: "exit code 127: stat: no such file or directory",
      cloche: "exit code 125: no such device or not a block device",
      match: { step: /--device-read-bps \/dev\/nosuch/ },
    },
    {
      what: "--blkio-weight out of range where the kernel has no weights",
      dockerd: "a warning: discarded",
      cloche: "refused",
      match: { step: /--blkio-weight 5/ },
    },
    {
      what: "a volume over /etc is filled with the image's, in which docker has put its link mtab",
      dockerd: "mtab is in the volume",
      cloche: "as the image has it: the link is made when a container starts",
      match: { step: /-v filled:\/etc .*ls \/etc/ },
    },
    {
      what: "top: ps options that cannot be read",
      dockerd: "the host's ps tells why",
      cloche: "its own ps tells why",
      match: { step: /docker top seen nonsense/, where: /stderr/ },
    },
    {
      what: "ps --filter since=x with an unknown container",
      dockerd: "no such container x",
      cloche: "No such container: x",
      match: { step: /since=nosuch/ },
    },
    {
      what: "stats: memory.stat",
      dockerd: "the fields that containerd knows",
      cloche: "all fields of the kernel",
      match: { where: /\.memory_stats\.stats\./, dockerd: /nothing/ },
    },
    {
      what: "build: an error in a Dockerfile's line",
      dockerd: "failed to parse Dockerfile: …, without the line's number",
      cloche: "dockerfile parse error line N: …",
      match: {
        step: /\| build/,
        dockerd: /failed to parse Dockerfile|no build stage/,
        cloche: /dockerfile parse error line \d+/,
      },
    },
    {
      what: "build: COPY where a file is in the way of a directory",
      dockerd: "failed to copy files: … with a path of the host",
      cloche: "failed to copy files: … with the image's path",
      match: {
        step: /\| build/,
        dockerd: /failed to copy files: .*merged\/etc\/passwd/,
        cloche: /failed to copy files/,
      },
    },
    {
      what: "info: runtimes, plugins and live restore",
      dockerd: "runc; many log and network drivers; live restore is off",
      cloche: "cloche; json-file, local and none; containers outlive the engine",
      match: { step: /docker info/, where: /stdout( \.Runtimes|$)/, dockerd: /path|^true|nothing|awslogs/ },
    },
  ],
};
