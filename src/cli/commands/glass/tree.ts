/** Commands that docker has not: what a container is made of. They stand apart, so that the rest stays docker's grammar. */
import { CliError } from "../../errors.ts";
import type { Verb } from "../../tree.ts";

const container: Record<string, Verb> = {
  explain: {
    about: "Show the kernel operations that made a container, in order",
    load: () => import("./explain.ts"),
  },
  map: { about: "Show a container's processes as inside and outside see them", load: () => import("./map.ts") },
  oom: { about: "Report the kernel's kills for want of memory", load: () => import("./oom.ts") },
};
const host: Record<string, Verb> = {
  namespaces: { about: "List the host's namespaces and who lives in them", load: () => import("./namespaces.ts") },
};
const network: Record<string, Verb> = {
  egress: { about: "Show egress policies, and what they let through and refused", load: () => import("./egress.ts") },
};
const groups: Record<string, Record<string, Verb>> = { container, host, network };
const top: Record<string, Verb> = {
  cgtop: { about: "Show the tree of control groups with use, limits and pressure", load: () => import("./cgtop.ts") },
  ui: { about: "Print a link to the page, good for one sign-in", load: () => import("./ui.ts") },
  whois: { about: "Tell whose a process of the host is, and what holds it", load: () => import("./whois.ts") },
};

/** @returns undefined when these words are none of ours */
export function glassVerb(words: readonly string[]): { path: string; verb: Verb; rest: readonly string[] } | undefined {
  const [first = "", second = ""] = words;
  const alone = Object.hasOwn(top, first) ? top[first] : undefined;
  if (alone) return { path: first, verb: alone, rest: words.slice(1) };
  const group = Object.hasOwn(groups, first) ? groups[first] : undefined;
  const verb = group && Object.hasOwn(group, second) ? group[second] : undefined;
  if (verb) return { path: `${first} ${second}`, verb, rest: words.slice(2) };
  if (first === "host")
    throw new CliError("Usage:  cloche host namespaces\n\nRun 'cloche host namespaces --help' for more information");
  return undefined;
}

/** Lines of the help: those of one group, or all. */
export function glassLines(group?: string): (readonly [string, string])[] {
  const lines = (verbs: Record<string, Verb>, prefix: string) =>
    Object.entries(verbs).map(([word, { about }]) => [prefix + word, about] as const);
  if (group !== undefined) return lines(groups[group] ?? {}, "");
  return [
    ...lines(top, ""),
    ...lines(container, "container "),
    ...lines(host, "host "),
    ...lines(network, "network "),
    ["ps --tree", "List containers with the tree of their processes"],
  ];
}
