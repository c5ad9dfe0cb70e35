/** docker export: a container's root file system, without what is mounted in it. */
import { publish } from "../containers/publish.ts";
import { begin } from "./begin.ts";
import { fileFailure } from "./failure.ts";
import type { OutgoingArchive } from "./ports.ts";
import { type FileDeps, reachFiles } from "./reach.ts";

/** The archive is to be read to its end, or closed. */
export async function exportContainer(deps: FileDeps, ref: string): Promise<Pick<OutgoingArchive, "tar" | "close">> {
  const container = deps.store.find(ref);
  try {
    const { tar, close } = await reachFiles(
      deps,
      container,
      (root) => deps.host.archive(root, "/", { ownFileSystem: true }),
      {
        mounts: false,
        until: ({ ended }) => ended,
      },
    );
    const begun = await begin(tar);
    publish(deps.events, container.record, "export");
    return { tar: begun, close };
  } catch (error) {
    throw fileFailure(error, container.record, { ref, path: "/" });
  }
}
