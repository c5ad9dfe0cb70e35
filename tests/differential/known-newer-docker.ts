/** Where Cloche does as Docker 28 (API 1.51) does, and dockerd 20.10 did something else. */
import type { KnownDifference, KnownGroup } from "./known-differences.ts";

const lowerCased = (text: string) => text.toLowerCase().replace(/["']/g, "");

/** An error text that was given other words. */
const reworded = (dockerd: string, cloche: string, match: KnownDifference["match"]): KnownDifference => ({
  what: "error text",
  dockerd,
  cloche,
  match: { where: /^std(err|out .*message|out)$/, ...match },
});

export const newerDocker: KnownGroup = {
  title: "As Docker 28, unlike 20.10",
  why: "Cloche speaks API 1.51 and takes Docker 28's answers and texts for its model.",
  differences: [
    {
      what: "API version",
      dockerd: "1.12 to 1.41; another one is refused in plain text",
      cloche: "1.24 to 1.51; another one is refused in JSON",
      match: { dockerd: /1\.41|1\.12/, cloche: /1\.51|1\.24/ },
    },
    {
      what: "case of an error's first letter",
      dockerd: "Container … is not running",
      cloche: "container … is not running",
      match: { where: /^std/, if: ({ dockerd, cloche }) => lowerCased(dockerd) === lowerCased(cloche) },
    },
    reworded("failed to create shim task: …", "failed to create task for container: failed to create shim task: …", {
      dockerd: /failed to create shim task: OCI runtime create failed/,
      cloche: /failed to create task for container: failed to create shim task/,
    }),
    reworded("You cannot remove a running container", "cannot remove container: container is running", {
      dockerd: /You cannot remove a running container .*Stop the container before/,
      cloche: /cannot remove container "\/\w+": container is running: stop the container before/,
    }),
    reworded("invalid restart policy 'x'", "invalid restart policy: unknown policy 'x'; use one of …", {
      dockerd: /invalid restart policy 'sometimes'/,
      cloche: /unknown policy 'sometimes'/,
    }),
    reworded("maximum retry count cannot be used with …", "invalid restart policy: maximum retry count can only …", {
      dockerd: /maximum retry count cannot be used/,
      cloche: /maximum retry count can only be used/,
    }),
    reworded("Unknown runtime specified x", "unknown or invalid runtime name: x", {
      dockerd: /Unknown runtime specified/,
      cloche: /unknown or invalid runtime name/,
    }),
    reworded('Invalid isolation: "x"', "invalid isolation 'x' on linux", {
      dockerd: /Invalid isolation/,
      cloche: /invalid isolation/,
    }),
    reworded("no such image: x: No such image: x:latest", "No such image: x:latest", {
      dockerd: /no such image: (\w+): No such image: \1:latest/,
      cloche: /No such image: \w+:latest"?$/,
    }),
    reworded("save: reference does not exist", "save: No such image: x:latest", {
      step: /^docker save/,
      dockerd: /reference does not exist|No such image: nosuch$/,
      cloche: /No such image/,
    }),
    reworded("does not match the specified platform: wanted x, actual: y", "its platform (y) does not match …", {
      dockerd: /was found but does not match the specified platform/,
      cloche: /was found but its platform/,
    }),
    reworded("network x id … has active endpoints", "network x has active endpoints (name … id …)", {
      dockerd: /has active endpoints$/,
      cloche: /has active endpoints \(name:/,
    }),
    reworded('plugin "x" not found', "could not find plugin x in v1 plugin registry", {
      dockerd: /plugin "nosuch" not found/,
      cloche: /could not find plugin nosuch in v1 plugin registry/,
    }),
    reworded("Invalid subnet x : invalid CIDR address", "invalid CIDR address", {
      dockerd: /Invalid subnet nonsense : invalid CIDR/,
      cloche: /invalid CIDR address/,
    }),
    {
      what: "address outside a network's subnets",
      dockerd: "user specified IP address is supported only when …",
      cloche: "invalid endpoint settings: no configured subnet contains it",
      match: {
        step: /--ip 1\.2\.3\.4/,
        dockerd: /user specified IP address|nothing/,
        cloche: /endpoint settings|no configured subnet|nothing/,
      },
    },
    reworded("Cannot link to /x, as it does not belong to …", "container x not attached to default bridge network", {
      dockerd: /Cannot link to/,
      cloche: /not attached to default bridge network/,
    }),
    reworded("Content-Type specified (x) must be …", "unsupported Content-Type header (x)", {
      dockerd: /Content-Type specified/,
      cloche: /unsupported Content-Type header/,
    }),
    reworded("sysctl not allowed in host network: told at start", "told at create", {
      step: /--sysctl .*--net host/,
      dockerd: /not allowed in host network namespace/,
      cloche: /not allowed in host network namespace/,
    }),
    {
      what: "status of a request that is not JSON, or whose parameters are no numbers",
      dockerd: "500",
      cloche: "400",
      match: { step: /^api /, where: /stderr/, dockerd: /^HTTP 500/, cloche: /^HTTP 400/ },
    },
    {
      what: "data behind a request's JSON",
      dockerd: "ignored",
      cloche: "400",
      match: { step: /name=twice|rm -f twice/ },
    },
    {
      what: "exit code of an exec whose program or working directory is missing",
      dockerd: "126",
      cloche: "127",
      match: { step: /^docker exec/, where: /exit code/, dockerd: /^126$/, cloche: /^127$/ },
    },
    {
      what: "an exec that is started twice",
      dockerd: "200, the error in the stream",
      cloche: "409",
      match: {
        step: /exec\/\$\(jq .*\/start/,
        dockerd: /has already run|HTTP 200|^$|nothing/,
        cloche: /409|already run|nothing/,
      },
    },
    {
      what: "inspect: fields that came later",
      dockerd: "absent",
      cloche: "GraphDriver.Data.ID, HostConfig.Runtime, DNSNames, GwPriority",
      match: {
        where: /\.GraphDriver\.Data\.ID$|\.DNSNames$|\.GwPriority$|\.HostConfig\.Runtime$/,
        dockerd: /nothing|null/,
      },
    },
    {
      what: "inspect: masked paths that came later",
      dockerd: "ten",
      cloche: "also /proc/interrupts and /sys/devices/virtual/powercap",
      match: { where: /\.MaskedPaths$/, cloche: /\/proc\/interrupts/ },
    },
    {
      what: "mounts: /proc/interrupts is masked",
      dockerd: "readable",
      cloche: "empty",
      match: { step: /mountinfo/, dockerd: /nothing|7 tmpfs/, cloche: /^\/proc\/interrupts|8 tmpfs/ },
    },
    {
      what: "inspect: DockerVersion of an imported image",
      dockerd: "20.10.24+dfsg1",
      cloche: "empty",
      match: { where: /\.DockerVersion$/ },
    },
    {
      what: "inspect: network mode of a container made without one",
      dockerd: "default",
      cloche: "bridge",
      match: { where: /\.HostConfig\.NetworkMode$/, dockerd: /"default"/, cloche: /"bridge"/ },
    },
    {
      what: "lists that are empty",
      dockerd: "null",
      cloche: "[] or {}",
      match: { where: /^stdout [[.]/, dockerd: /^("?null"?)$/, cloche: /^(\[\]|\{\})$/ },
    },
    {
      what: "wait: Error when there is none",
      dockerd: "null",
      cloche: "absent",
      match: { step: /\/wait/, where: /\.Error$/, dockerd: /null/, cloche: /nothing/ },
    },
    {
      what: "wait for a condition that does not exist",
      dockerd: "taken for not-running",
      cloche: "400",
      match: { step: /condition=nonsense/ },
    },
    {
      what: "event die",
      dockerd: "without execDuration",
      cloche: "with execDuration",
      match: { step: /docker events/, dockerd: /die \{|nothing/, cloche: /execDuration|nothing/ },
    },
    {
      what: "info: security options",
      dockerd: "seccomp profile=default",
      cloche: "seccomp profile=builtin",
      match: { step: /SecurityOptions/, dockerd: /profile=default/, cloche: /profile=builtin/ },
    },
    {
      what: "info: fields that are gone",
      dockerd: "KernelMemory, KernelMemoryTCP, ContainerdCommit.Expected, RuncCommit.Expected",
      cloche: "absent",
      match: { where: /\.KernelMemory(TCP)?$|Commit\.Expected$/, cloche: /nothing/ },
    },
    {
      what: "--kernel-memory",
      dockerd: "a warning that it is deprecated",
      cloche: "ignored",
      match: { step: /--kernel-memory/, where: /stderr/ },
    },
    {
      what: "/etc/hosts: prefixes of IPv6",
      dockerd: "fe00::0, ff00::0",
      cloche: "fe00::, ff00::",
      match: { dockerd: /^f[ef]00::0/, cloche: /^f[ef]00::\t/ },
    },
    {
      what: "/etc/resolv.conf: order of the lines",
      dockerd: "search first",
      cloche: "nameserver first",
      match: { step: /--dns/, dockerd: /^(search|nameserver) /, cloche: /^(search|nameserver) / },
    },
    {
      what: "IPv6 on the loopback of a container without networks",
      dockerd: "off",
      cloche: "on",
      match: { step: /--network none/, dockerd: /nothing/, cloche: /^inet6 ::1\/128/ },
    },
    {
      what: "--tmpfs with a mode, over a directory of the image",
      dockerd: "the directory's mode",
      cloche: "the mode that was asked for",
      match: { step: /--tmpfs \/tmp:size=1m,mode=700/, dockerd: /^drwxrwxrwt/, cloche: /^drwx------/ },
    },
    {
      what: "docker save",
      dockerd: "docker's own layout",
      cloche: "an OCI layout that docker's own manifest.json points into",
      match: { step: /^tar -tf \$T\/small.tar/ },
    },
    {
      what: "devices: c 10:200 (tun)",
      dockerd: "allowed",
      cloche: "refused",
      match: { step: /devices\.list/, dockerd: /c 10:200/ },
    },
    {
      what: "network ls --filter dangling=true",
      dockerd: "also a network that a container is on",
      cloche: "only those without containers",
      match: { step: /network ls -f dangling=true/, dockerd: /^app$/ },
    },
  ],
};
