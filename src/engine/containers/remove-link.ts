/** `docker rm --link PARENT/ALIAS`: one container forgets another one's alias; both go on. */
import { EngineError, invalid, notFound } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { linkHosts, linksNow, withoutLink } from "./links.ts";
import { isRunning } from "./live.ts";

/** Throws not-found, invalid for a name without an alias. */
export async function removeLink(deps: Pick<Deps, "store" | "files">, ref: string): Promise<void> {
  const [parentName = "", alias, more] = ref.replace(/^\//, "").split("/");
  if (alias === undefined || more !== undefined) {
    deps.store.find(ref);
    throw invalid("Conflict, cannot remove the default link name of the container");
  }
  const parent = parentOf(deps, parentName, ref);
  await parent.exclusive(async () => {
    const { record } = parent;
    const link = linksNow(deps.store, record).find((one) => one.alias === alias);
    record.hostConfig.Links = withoutLink(record.hostConfig.Links, alias, ref);
    deps.store.save(parent);
    if (!link || !isRunning(record)) return;
    const line = linkHosts(link).trimEnd();
    deps.files.edit(record.id, (texts) => ({
      ...texts,
      hosts: texts.hosts
        .split("\n")
        .filter((one) => one !== line)
        .join("\n"),
    }));
  });
}

function parentOf({ store }: Pick<Deps, "store">, name: string, ref: string) {
  try {
    return store.find(name);
  } catch (error) {
    if (error instanceof EngineError && error.kind === "not-found") throw notFound(`No such container: ${ref}`);
    throw error;
  }
}
