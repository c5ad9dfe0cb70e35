/** A table of system calls: names of successive numbers, separated by white space, from a first number on. */
export type SyscallRuns = readonly (readonly [first: number, names: string])[];

/** @returns pairs of number and name, in the order of the numbers. */
export function expandRuns(runs: SyscallRuns): [number: number, name: string][] {
  return runs.flatMap(([first, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name, index): [number, string] => [first + index, name]),
  );
}
