/** `docker version`: who answers. */
import { API_VERSION, MIN_API_VERSION } from "../../wire/api-version.ts";

export type VersionFacts = {
  /** of this engine: "0.1.0" */
  version: string;
  gitCommit: string;
  /** RFC3339 */
  buildTime: string;
  /** Go's name of the architecture: amd64, arm64 */
  arch: string;
  kernelVersion: string;
  launcherVersion: string;
};

export function engineVersion(facts: VersionFacts): object {
  const common = { GitCommit: facts.gitCommit, Os: "linux", Arch: facts.arch, KernelVersion: facts.kernelVersion };
  // Docker's clients print this as "Go version"; say what really runs.
  const runtime = `node ${process.version}`;
  return {
    Platform: { Name: "Cloche" },
    Components: [
      {
        Name: "Engine",
        Version: facts.version,
        Details: {
          ApiVersion: API_VERSION,
          Arch: facts.arch,
          BuildTime: facts.buildTime,
          Experimental: "false",
          GitCommit: facts.gitCommit,
          GoVersion: runtime,
          KernelVersion: facts.kernelVersion,
          MinAPIVersion: MIN_API_VERSION,
          Os: "linux",
        },
      },
      { Name: "launcher", Version: facts.launcherVersion, Details: { GitCommit: facts.gitCommit } },
    ],
    Version: facts.version,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    ...common,
    GoVersion: runtime,
    BuildTime: facts.buildTime,
  };
}
