import { enableCompileCache } from "node:module";

// Before anything else is loaded: the compiled code of all that follows is kept between runs.
enableCompileCache?.();

const { start } = await import("./start.ts");
process.exit(await start(process.argv.slice(2)));
