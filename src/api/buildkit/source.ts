/** A build's Dockerfile and context, fetched from the client's directories by a session. */
import { posix } from "node:path";
import { readText } from "../../engine/build/context.ts";
import type { BuildSource } from "../../engine/build/index.ts";
import type { SourceTree } from "../../engine/build/ports.ts";
import { resolveEntry } from "../../engine/build/sources.ts";
import { invalid } from "../../engine/errors.ts";
import { once } from "../../lib/once.ts";
import { ignoreLines } from "../../wire/dockerignore.ts";
import { receiveDirectory } from "./file-sync.ts";
import type { Session } from "./sessions.ts";

type Deps = { session: Session; openTree: (archive: AsyncIterable<Buffer>) => Promise<SourceTree> };
type Names = { dockerfile: string; dockerfileDirectory: string; contextDirectory: string };

export type SessionSource = BuildSource & {
  /** Another directory of the client's, without what its own .dockerignore names. */
  directory(name: string): Promise<SourceTree>;
};

export function sessionSource({ session, openTree }: Deps, names: Names): SessionSource {
  const trees: Promise<SourceTree>[] = [];
  const fetch = (directory: string, wanted: { paths?: string[]; exclude?: string[] }) => {
    const tree = openTree(receiveDirectory(session, { directory, ...wanted }));
    trees.push(tree);
    return tree;
  };
  const textOf = async (tree: SourceTree, at: string) => {
    const entry = resolveEntry(tree, Buffer.from(at).toString("latin1"));
    return entry?.kind === "file" ? readText(tree, entry) : undefined;
  };
  const path = posix.normalize(names.dockerfile).replace(/^\/+/, "");
  const ignoreOfItsOwn = `${path}.dockerignore`;
  const besideDockerfile = once(() =>
    fetch(names.dockerfileDirectory, { paths: [path, ignoreOfItsOwn, path.toLowerCase()] }),
  );
  const directory = async (name: string, own?: string) => {
    const ignore = own ?? (await textOf(await fetch(name, { paths: [".dockerignore"] }), ".dockerignore"));
    return fetch(name, { exclude: patternsOf(ignore ?? "") });
  };
  return {
    async dockerfile() {
      const tree = await besideDockerfile();
      const text = (await textOf(tree, path)) ?? (await textOf(tree, path.toLowerCase()));
      if (text === undefined) throw invalid(`failed to read dockerfile: open ${path}: no such file or directory`);
      if (text === "") throw invalid(`the Dockerfile (${path}) cannot be empty`);
      return text;
    },
    async context() {
      // One beside the Dockerfile with its name stands before the context's.
      const own = await textOf(await besideDockerfile(), ignoreOfItsOwn);
      return directory(names.contextDirectory, own);
    },
    directory: (name) => directory(name),
    async close() {
      for (const tree of await Promise.allSettled(trees)) if (tree.status === "fulfilled") await tree.value.close();
    },
  };
}

/** As the client's matcher takes them. It says what is wrong with a "!" alone. */
function patternsOf(ignore: string): string[] {
  return ignoreLines(ignore).map(({ pattern, exception }) => (exception ? `!${pattern}` : pattern));
}
