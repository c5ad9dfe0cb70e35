/** A build's Dockerfile and context, fetched from the client's directories by a session. */
import { posix } from "node:path";
import { readText } from "../../engine/build/context.ts";
import type { BuildSource } from "../../engine/build/index.ts";
import type { SourceTree } from "../../engine/build/ports.ts";
import { invalid } from "../../engine/errors.ts";
import { receiveDirectory } from "./file-sync.ts";
import type { Session } from "./sessions.ts";

type Deps = { session: Session; openTree: (archive: AsyncIterable<Buffer>) => Promise<SourceTree> };
type Names = { dockerfile: string; dockerfileDirectory: string; contextDirectory: string };

export function sessionSource({ session, openTree }: Deps, names: Names): BuildSource {
  const trees: SourceTree[] = [];
  const fetch = async (directory: string, wanted: { paths?: string[]; exclude?: string[] }) => {
    const tree = await openTree(receiveDirectory(session, { directory, ...wanted }));
    trees.push(tree);
    return tree;
  };
  const path = posix.normalize(names.dockerfile).replace(/^\/+/, "");
  const ignoreOfItsOwn = `${path}.dockerignore`;
  const textOf = async (tree: SourceTree, at: string) => {
    const entry = tree.entry(Buffer.from(at).toString("latin1"));
    return entry?.kind === "file" ? readText(tree, entry) : undefined;
  };
  let beside: Promise<SourceTree> | undefined;
  const besideDockerfile = () =>
    (beside ??= fetch(names.dockerfileDirectory, { paths: [path, ignoreOfItsOwn, path.toLowerCase()] }));
  /** One beside the Dockerfile with its name stands before the context's. */
  const ignored = async (): Promise<string[]> => {
    const own = await textOf(await besideDockerfile(), ignoreOfItsOwn);
    const text =
      own ?? (await textOf(await fetch(names.contextDirectory, { paths: [".dockerignore"] }), ".dockerignore"));
    return patternsOf(text ?? "");
  };
  let context: Promise<SourceTree> | undefined;
  return {
    async dockerfile() {
      const tree = await besideDockerfile();
      const text = (await textOf(tree, path)) ?? (await textOf(tree, path.toLowerCase()));
      if (text === undefined) throw invalid(`failed to read dockerfile: open ${path}: no such file or directory`);
      if (text === "") throw invalid(`the Dockerfile (${path}) cannot be empty`);
      return text;
    },
    context: () => (context ??= ignored().then((exclude) => fetch(names.contextDirectory, { exclude }))),
    async close() {
      await Promise.allSettled([beside, context]);
      for (const tree of trees) await tree.close();
    },
  };
}

/** .dockerignore's lines, as the client's matcher takes them: clean and relative, "!" kept. */
function patternsOf(text: string): string[] {
  return text
    .replace(/^\ufeff/, "")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const not = line.startsWith("!") ? "!" : "";
      return (
        not +
        posix
          .normalize(line.slice(not.length).trim())
          .replace(/^\/+(?=.)/, "")
          .replace(/(?<=.)\/+$/, "")
      );
    });
}
