/**
 * A plan as a shell script: an equal container made by hand. The order is the plan's, with one difference that is told in the
 * script: what is masked is masked before pivot_root, as there is no mount(8) in a container's root.
 *
 *     sh SCRIPT          host part: cgroups, limits, then unshare(1) or nsenter(1)
 *       └ inside         PID 1: joins, builds the root
 *           └ perl       the last steps, which no program of util-linux can do in a root that holds none of them
 */
import type { Plan, PlannedOp } from "../plan.ts";
import { becomeScript } from "./become.ts";
import { hostLines, unshareLine } from "./host.ts";
import { insideLines } from "./inside.ts";
import { placesOf } from "./places.ts";

/**
 * @param about the container's name, and its cgroup as the plan has it ("/docker/ID"), which the script must not share
 * @returns text for sh(1); pure
 */
export function byHand(plan: Plan, about: { name: string; cgroupPath: string }): string {
  const places = placesOf(plan, about.cgroupPath);
  const of = (...stages: PlannedOp["stage"][]) => plan.ops.filter(({ stage }) => stages.includes(stage));
  return [
    "#!/bin/sh",
    `# A container equal to "${about.name.replaceAll(/[^\w.-]/g, "?")}", by hand. As root: sh SCRIPT. It needs util-linux, coreutils, hostname and perl-base`,
    "# (all of them Essential in Debian), and iproute2. Its writable layer and its cgroup are its own, and go with it.",
    "#",
    "# For images that you trust: the launcher looks each path up so that no link of the image leads out, mount(8) does not.",
    "# Not here: the log, the attach socket and the exit record, which are the monitor's; addresses, as the container has them.",
    "set -eu",
    `box=by-hand-$$`,
    "work=$(mktemp -d)",
    "root=$work/root upper=$work/upper overlay_work=$work/work",
    'mkdir "$root" "$upper" "$overlay_work"',
    "",
    "clean_up() {",
    // systemd removes a scope when its last process has ended.
    ...(plan.ops.some(({ op }) => op === "cgroup_keep") ? [`\tkill "\${keeper:-}" 2>/dev/null || true`] : []),
    ...places.directories.map((path) => `\trmdir ${places.shown(path)} 2>/dev/null || true`),
    '\trm -rf --one-file-system "$work"',
    "}",
    "trap clean_up EXIT",
    "",
    ...hostLines(of("launcher", "parent"), places),
    "",
    "# -- what the child does, as process 1 of its namespaces",
    ...file("inside", ["set -eu", ...insideLines(of("container"), places)].join("\n")),
    "",
    "# -- the last steps",
    ...file("become", becomeScript(of("container"))),
    "",
    "export box work root upper overlay_work",
    unshareLine(of("launcher", "parent", "container")),
    "",
  ].join("\n");
}

/** A file of the script's own. What ends it is a line that the text has not: a variable's value must not become an order. */
function file(name: string, text: string): string[] {
  let end = "END";
  while (text.split("\n").includes(end)) end += "_";
  return [`cat > "$work/${name}" <<'${end}'`, text, end];
}
