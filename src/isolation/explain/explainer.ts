/** What the files of this folder say about an operation. */
import type { Op, OpName } from "../plan.ts";

export type Explanation = {
  /** Plain English, one sentence. */
  sentence: string;
  /** "mount(2)": the manual page that tells the rest. */
  manPage: string;
  /** The nearest command that a person could type; "$root" is the container's root on the host. */
  shell: string;
  /** What must have happened before, and why. */
  dependsOn?: string;
};

/** A function for each operation: the compiler misses the one that is forgotten. */
export type Explainers = { [N in OpName]: (op: Extract<Op, { op: N }>) => Explanation };

/** A word for sh(1), quoted only if it must be. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path in the container, as the host sees it before pivot_root. */
export function inRoot(path: string): string {
  return `"$root"${quote(path)}`;
}

/** "a, b and c" */
export function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
