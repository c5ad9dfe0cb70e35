/**
 * The last steps as a perl program: pivot_root, then power is given away, then execve. setpriv(1) and capsh(1) could do some of
 * it, if the container's root held them; perl is loaded already when the host's root goes. It is Essential in Debian.
 */
import type { PlannedOp } from "../plan.ts";

/** Numbers of system calls (linux/unistd.h), as perl knows no names without its development files. */
const NUMBERS = `my %numbers = (
    x86_64  => { mount => 165, umount2 => 166, pivot_root => 155, prctl => 157, capset => 126, setgroups => 116, setresgid => 119,
                 setresuid => 117, seccomp => 317, setsid => 112 },
    aarch64 => { mount => 40, umount2 => 39, pivot_root => 41, prctl => 167, capset => 91, setgroups => 159, setresgid => 149,
                 setresuid => 147, seccomp => 277, setsid => 157 },
);`;

const PR = { keepcaps: 8, bounding: 24, noNewPrivileges: 38, ambient: 47 };
const AMBIENT = { raise: 2, clear: 4 };

export function becomeScript(ops: readonly PlannedOp[]): string {
  return [
    "use strict;",
    NUMBERS,
    "chomp(my $machine = `uname -m`);",
    'my $number = $numbers{$machine} or die "unknown machine $machine\\n";',
    "# Numbers must be numbers and strings strings: syscall() passes these by address.",
    'sub call { my ($name, @words) = @_; my $got = syscall($number->{$name}, @words); $got >= 0 or die "$name: $!\\n"; return $got }',
    "",
    ...ops.flatMap(linesOf),
  ].join("\n");
}

function linesOf(op: PlannedOp): string[] {
  switch (op.op) {
    case "pipes":
      return ["# a session of its own", "syscall($number->{setsid});"];
    case "pivot_root":
      return [
        "# The container's root becomes the root; the old one lies on top of it, is cut loose from the host's mounts and let go.",
        'open(my $old, "<", "/") or die "open /: $!\\n";',
        'chdir($ENV{root}) or die "chdir: $!\\n";',
        'call("pivot_root", ".", ".");',
        'chdir($old) or die "fchdir: $!\\n";',
        `call("mount", "", ".", "", ${(1 << 19) | 16384}, ""); # MS_SLAVE | MS_REC`,
        'call("umount2", ".", 2); # MNT_DETACH',
        "close($old);",
      ];
    case "chdir":
      return [`chdir(${text(op.path)}) or die "chdir: $!\\n";`];
    case "umask":
      return [`umask(0${op.mask.toString(8)});`];
    case "no_new_privs":
      return [`call("prctl", ${PR.noNewPrivileges}, 1, 0, 0, 0);`];
    case "seccomp":
      return [
        `# the filter: ${op.program.byteLength / 8} instructions`,
        `my $filter = pack("H*", "${Buffer.from(op.program).toString("hex")}");`,
        'my $program = pack("S x6 P", length($filter) / 8, $filter);',
        `call("seccomp", 1, ${op.flags}, $program);`,
      ];
    case "cap_bounding":
      return [
        `# the bounding set: PR_CAPBSET_DROP for each that is not wanted; a kernel without one says EINVAL`,
        `for my $capability (0 .. 63) { syscall($number->{prctl}, ${PR.bounding}, $capability, 0, 0, 0) unless ${op.mask} >> $capability & 1 }`,
      ];
    case "set_user":
      return [
        `call("prctl", ${PR.keepcaps}, 1, 0, 0, 0);`,
        `my $groups = pack("L*", ${op.groups.join(", ")});`,
        `call("setgroups", ${op.groups.length}, $groups);`,
        `call("setresgid", ${op.gid}, ${op.gid}, ${op.gid});`,
        `call("setresuid", ${op.uid}, ${op.uid}, ${op.uid});`,
        `call("prctl", ${PR.keepcaps}, 0, 0, 0, 0);`,
      ];
    case "capabilities":
      return [
        'my $header = pack("LL", 0x20080522, 0); # _LINUX_CAPABILITY_VERSION_3, this process',
        `my @sets = (${op.effective}, ${op.permitted}, ${op.inheritable});`,
        'my $sets = pack("L6", (map { $_ & 0xffffffff } @sets), (map { $_ >> 32 } @sets));',
        'call("capset", $header, $sets);',
        `call("prctl", ${PR.ambient}, ${AMBIENT.clear}, 0, 0, 0);`,
        `for my $capability (0 .. 63) { call("prctl", ${PR.ambient}, ${AMBIENT.raise}, $capability, 0, 0) if ${op.ambient} >> $capability & 1 }`,
      ];
    case "init":
      return ["# Left out: an init as PID 1; the program is PID 1 itself."];
    case "execve":
      return [
        `%ENV = (${op.env.map(variable).join(", ")});`,
        `local $ENV{PATH} = ${text(op.searchPath)} unless defined $ENV{PATH};`,
        `exec { ${text(op.argv[0] ?? "")} } ${op.argv.map(text).join(", ")} or die ${text(op.argv[0] ?? "")} . ": $!\\n";`,
      ];
    default:
      return [];
  }
}

/** A string of perl's, taken literally. */
const text = (value: string) => `'${value.replaceAll(/[\\']/g, "\\$&")}'`;

function variable(pair: string): string {
  const at = pair.indexOf("=");
  return at < 0 ? `${text(pair)} => ''` : `${text(pair.slice(0, at))} => ${text(pair.slice(at + 1))}`;
}
