import { enableCompileCache } from "node:module";

// Before anything else is loaded: the compiled code of all that follows is kept between runs.
enableCompileCache();

// No top-level await: the bundle is CommonJS, whose parts are loaded only when they are needed.
import("./start.ts").then(({ start }) => start(process.argv.slice(2))).then((status) => process.exit(status));
