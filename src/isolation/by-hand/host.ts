/** Stages launcher and parent as lines of a shell script. */
import { basename, dirname } from "node:path";
import { namespaceNames } from "../../kernel/namespaces.ts";
import { quote } from "../explain/explainer.ts";
import { startScope } from "../explain/namespaces.ts";
import type { PlannedOp } from "../plan.ts";
import type { Places } from "./places.ts";

export function hostLines(ops: readonly PlannedOp[], { shown }: Places): string[] {
  return ops.flatMap((op) => {
    switch (op.op) {
      case "cgroup_create":
        return [`mkdir -p ${shown(op.path)}`];
      case "cgroup_keep":
        return scopeLines(op.path, op.keeper, shown);
      case "write_file":
        return [`echo ${quote(op.data.trim())} > ${shown(op.path)}${op.optional ? " || true" : ""}`];
      case "cgroup_device_program":
        return [
          "# Left out: which devices may be opened. In cgroup v2 that is a BPF program, which no tool of Debian's base writes.",
        ];
      case "open_process":
        return [`process${op.slot}=${op.pid}`, `export process${op.slot}`];
      case "netlink":
        return [`# Left out: ${oneLine(op.label)}. The container that this one equals has the address.`];
      case "write_child_proc":
        return [`# Left out: ${op.path}: ${oneLine(op.data)}`];
      default:
        return [];
    }
  });
}

function scopeLines(path: string, keeper: string, shown: Places["shown"]): string[] {
  const slice = basename(dirname(path));
  return [
    "tail -f /dev/null & keeper=$!",
    `${startScope({ unit: '"$box".scope', slice, keeper: "$keeper" })} > /dev/null`,
    `until grep -qx "$keeper" ${shown(`${path}/cgroup.procs`)} 2>/dev/null; do sleep 0.1; done`,
    `mkdir ${shown(`${path}/${keeper}`)}`,
    `echo "$keeper" > ${shown(`${path}/${keeper}/cgroup.procs`)}`,
  ];
}

/** How PID 1 comes to be: in new namespaces, and in those of others that it shares from birth. */
export function unshareLine(ops: readonly PlannedOp[]): string {
  const clone = ops.find((op) => op.op === "clone");
  const options = optionsFor(clone?.op === "clone" ? clone.flags : 0);
  const joined = ops.find((op) => op.stage === "launcher" && (op.op === "setns" || op.op === "child_setns"));
  const enter =
    joined?.op === "setns" || joined?.op === "child_setns"
      ? `nsenter --target "$process${joined.slot}" ${optionsFor(joined.flags).join(" ")} --no-fork `
      : "";
  // unchanged: what spreads is the plan's own step. kill-child: the container ends when this script is killed.
  return `${enter}unshare --fork --kill-child --propagation unchanged ${options.join(" ")} sh "$work/inside" < /dev/null`;
}

const optionsFor = (flags: number): string[] =>
  namespaceNames(flags).map((name) => `--${name === "mnt" ? "mount" : name}`);

/** Text for a comment. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, " ");
