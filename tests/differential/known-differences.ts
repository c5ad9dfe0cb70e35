/**
 * Every difference from dockerd 20.10 that is accepted, with its reason: one that is not here fails the test, and so does one
 * that is here and no longer occurs. docs/differences.md is made from these lists.
 */
import type { Difference } from "./compare.ts";
import { buildkit } from "./known-buildkit.ts";
import { intended } from "./known-intended.ts";
import { newerDocker } from "./known-newer-docker.ts";

export type KnownDifference = {
  /** short, for the reader of docs/differences.md */
  what: string;
  dockerd: string;
  cloche: string;
  /** Which differences are meant; a pattern that is left out matches all. */
  match: { step?: RegExp; where?: RegExp; dockerd?: RegExp; cloche?: RegExp; if?: (difference: Difference) => boolean };
};

export type KnownGroup = { title: string; why: string; differences: KnownDifference[] };

export const knownGroups: KnownGroup[] = [newerDocker, intended, buildkit];
export const knownDifferences: KnownDifference[] = knownGroups.flatMap((group) => group.differences);

export function explains(known: KnownDifference, difference: Difference): boolean {
  const { step, where, dockerd, cloche, if: holds } = known.match;
  return (
    (step?.test(difference.step) ?? true) &&
    (where?.test(difference.where) ?? true) &&
    (dockerd?.test(difference.dockerd) ?? true) &&
    (cloche?.test(difference.cloche) ?? true) &&
    (holds?.(difference) ?? true)
  );
}
