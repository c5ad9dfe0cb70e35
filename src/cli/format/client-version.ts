import type { Cli } from "../cli.ts";
import { VERSION } from "../start.ts";

/** What `version` and `info` say of this program. */
export function clientInfo(_cli: Cli) {
  return { Debug: false, Version: VERSION, Context: "default", Plugins: [], Warnings: null };
}
