import { bool, text } from "../flags/flag.ts";

/** What `run`, `create` and `pull` have in common. */
export const pullFlags = {
  disableContentTrust: bool("disable-content-trust", "Skip image verification", { fallback: true }),
  platform: text("platform", "Set platform if server is multi-platform capable"),
  quiet: bool("quiet,q", "Suppress the pull output"),
};
