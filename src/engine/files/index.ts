/** The file verbs, wired for routes and the composition root. */
import { containerChanges } from "./changes.ts";
import { type CommitDeps, type CommitRequest, commitContainer } from "./commit.ts";
import { getArchive, type PutRequest, putArchive, statPath } from "./copy.ts";
import { exportContainer } from "./export.ts";

export type Files = ReturnType<typeof createFiles>;

export function createFiles(deps: CommitDeps) {
  return {
    stat: (ref: string, path: string) => statPath(deps, { ref, path }),
    get: (ref: string, path: string) => getArchive(deps, { ref, path }),
    put: (request: PutRequest) => putArchive(deps, request),
    changes: (ref: string) => containerChanges(deps, ref),
    export: (ref: string) => exportContainer(deps, ref),
    commit: (request: CommitRequest) => commitContainer(deps, request),
  };
}
