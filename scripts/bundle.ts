/**
 * Makes dist/cloche.cjs, the client, and dist/engine/main.cjs, the engine, each in one file: `node scripts/bundle.ts [client|engine]`.
 * CommonJS, because its `require`s stay where they are needed; an ES module's imports of node's own modules would all be loaded at
 * the start, and with all that they export (node:http's WebSocket alone is half a MB of source).
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const asked = process.argv[2];

if (asked !== "engine") await bundle(at("../src/cli/main.ts"), at("../dist/cloche.cjs"));
if (asked !== "client") {
  const out = at("../dist/engine/main.cjs");
  await bundle(at("../src/main.ts"), out, {
    plugins: [placesOfSources(dirname(out)), without(["node:https", "node:http2"], "fastify")],
    // What fastify asks for only when routes have schemas, or when a request is injected in a test.
    external: ["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler", "light-my-request"],
  });
}

async function bundle(source: string, out: string, options: BuildOptions = {}): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [source],
    outfile: out,
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    legalComments: "none",
    // setup shows what is wrong
    logLevel: "silent",
    ...options,
  });
  // esbuild leaves regular expressions as they are, and for one letter beyond ASCII the whole source may take two bytes a letter.
  const text = (outputFiles?.[0]?.text ?? "").replace(/[^\0-\x7f]/g, escaped);
  mkdirSync(dirname(out), { recursive: true });
  // Two may start at once: nobody shall find half a file.
  writeFileSync(`${out}.${process.pid}`, text);
  renameSync(`${out}.${process.pid}`, out);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** In the bundle too, `import.meta.dirname` is the directory of the source that says it. */
function placesOfSources(out: string): Plugin {
  return {
    name: "places of sources",
    setup(builder) {
      builder.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
        loader: "ts",
        contents: readFileSync(path, "utf8").replaceAll(
          "import.meta.dirname",
          `require("node:path").join(__dirname, ${JSON.stringify(relative(out, dirname(path)))})`,
        ),
      }));
    },
  };
}

/** Modules of node's that a package loads and does not need here: fastify listens on no port itself. */
function without(modules: string[], by: string): Plugin {
  return {
    name: `${by} without ${modules.join(", ")}`,
    setup(builder) {
      builder.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
        modules.includes(path) && importer.includes(`/node_modules/${by}/`) ? { path, namespace: "none" } : undefined,
      );
      builder.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "" }));
    },
  };
}
