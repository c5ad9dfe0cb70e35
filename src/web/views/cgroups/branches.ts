import type { CgroupNode, CgroupsAnswer } from "../../../wire/glass.ts";
import { byName } from "../../state/live.ts";

export type Branch = {
  node: CgroupNode;
  depth: number;
  name: string;
  /** a container's, or above one */
  ours: boolean;
  /** CPUs in use between the last two answers */
  cores: number | undefined;
  /** of the periods between them, 0 to 1 */
  throttled: number | undefined;
};

/** Rows of the tree, parents before children. @param owned paths of this engine's containers */
export function branchesOf(
  now: CgroupsAnswer,
  before: CgroupsAnswer | undefined,
  owned: ReadonlySet<string>,
): Branch[] {
  const earlier = new Map(before?.nodes.map((node) => [node.path, node]));
  const above = withParents(owned);
  const seconds = before ? (now.at - before.at) / 1e9 : 0;
  return inOrder(now.nodes).map((node) => {
    const past = earlier.get(node.path);
    const used = node.cpu && past?.cpu ? (node.cpu.usage - past.cpu.usage) / 1e9 : undefined;
    const periods = difference(node.cpu?.periods, past?.cpu?.periods);
    return {
      node,
      depth: node.path === "/" ? 0 : node.path.split("/").length - 1,
      name: node.path === "/" ? "/" : (node.path.split("/").at(-1) ?? node.path),
      ours: above.has(node.path),
      cores: used === undefined || seconds <= 0 ? undefined : Math.max(0, used / seconds),
      throttled:
        periods > 0 ? difference(node.cpu?.throttledPeriods, past?.cpu?.throttledPeriods) / periods : undefined,
    };
  });
}

/** Neighbours by their names: those of containers say more than their ids. */
function inOrder(nodes: readonly CgroupNode[]): CgroupNode[] {
  const names = new Map(nodes.map(({ path, owner }) => [path, owner ?? path.slice(path.lastIndexOf("/") + 1)]));
  const wayTo = (path: string) => {
    const way: string[] = [];
    for (let at = path; at !== "" && at !== "/"; at = at.slice(0, at.lastIndexOf("/")))
      way.unshift(names.get(at) ?? at);
    return way;
  };
  const keyed = nodes.map((node) => ({ node, way: wayTo(node.path) }));
  keyed.sort((a, b) => {
    const at = a.way.findIndex((name, index) => name !== b.way[index]);
    return at < 0 || at >= b.way.length ? a.way.length - b.way.length : byName(a.way[at] ?? "", b.way[at] ?? "");
  });
  return keyed.map(({ node }) => node);
}

function withParents(paths: ReadonlySet<string>): Set<string> {
  const all = new Set(paths.size > 0 ? ["/"] : []);
  for (const path of paths) for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) all.add(at);
  return all;
}

const difference = (now: number | undefined, before: number | undefined) =>
  now === undefined || before === undefined ? 0 : Math.max(0, now - before);

/** CPUs that the quota allows; undefined: no quota */
export const quotaOf = ({ cpu }: CgroupNode) =>
  cpu?.quota === undefined || !cpu.period ? undefined : cpu.quota / cpu.period;
