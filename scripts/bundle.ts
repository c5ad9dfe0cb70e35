/** Makes dist/cloche.cjs: the client in one file. CommonJS, because its `require`s stay where they are needed;
 * an ES module's imports of node's own modules would all be loaded at the start. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: { cloche: at("../src/cli/main.ts") },
  outdir: at("../dist"),
  outExtension: { ".js": ".cjs" },
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  minify: true,
  legalComments: "none",
});
