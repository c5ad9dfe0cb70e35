/** BuildKit's two connections: /grpc, where the engine is the server, and /session, where the client is. */
import { once } from "../../lib/once.ts";
import type { Buildkit, BuildkitDeps } from "../buildkit/index.ts";
import type { HijackRoute } from "../hijack.ts";

const CONTENT_TYPE = "application/grpc";

/** Loaded when it is first asked for: HTTP/2 and protobuf are some MB that most engines never need. */
export function lazyBuildkit(deps: BuildkitDeps): () => Promise<Buildkit> {
  return once(async () => (await import("../buildkit/index.ts")).createBuildkit(deps));
}

export function buildkitHijacks({ buildkit }: { buildkit: () => Promise<Buildkit> }): HijackRoute[] {
  return [
    {
      protocol: "h2c",
      path: "/grpc",
      handle: async () => ({ contentType: CONTENT_TYPE, run: (await buildkit()).serve }),
    },
    {
      protocol: "h2c",
      path: "/session",
      handle: async ({ headers }) => ({ contentType: CONTENT_TYPE, run: (await buildkit()).session(headers) }),
    },
  ];
}
