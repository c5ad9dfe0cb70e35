/** docker build by POST /build: by the classic protocol, or, with version=2, for a session of BuildKit's. */
import type { FastifyInstance } from "fastify";
import type { Builds } from "../../engine/build/index.ts";
import { invalid, notImplemented } from "../../engine/errors.ts";
import { answerBuild } from "../build-answer.ts";
import { buildMessages } from "../build-messages.ts";
import { postedBuild } from "../build-posted.ts";
import { buildRequest, received } from "../build-request.ts";
import type { Buildkit } from "../buildkit/index.ts";
import { queryFlag, queryText } from "./query.ts";

export type BuildRoutesDeps = { builds: Builds; buildkit: () => Promise<Buildkit> };

export function buildRoutes(app: FastifyInstance, { builds, buildkit }: BuildRoutesDeps): void {
  app.post("/build", async (request, reply) => {
    const { query } = request;
    refuseUnsupported(query);
    if (queryText(query, "version") === "2") {
      const kit = await buildkit();
      const upload = uploadFor(query);
      if (upload !== "") {
        const gone = new AbortController();
        reply.raw.once("close", () => gone.abort());
        await kit.upload(upload, received(request.body), gone.signal);
        return reply.send();
      }
      const asked = postedBuild(query);
      await answerBuild(reply, queryFlag(query, "q"), (tell, signal) => kit.build(asked, tell, signal));
      return reply;
    }
    const asked = buildRequest(request, builds);
    const id = queryText(query, "buildid") ?? "";
    await answerBuild(reply, queryFlag(query, "q"), (tell, signal) =>
      builds.build(id, asked, (event) => buildMessages(event).forEach(tell), signal),
    );
    return reply;
  });
  // Of RUN --mount=type=cache only: the steps' own cache is their images, which `image prune` removes.
  app.post("/build/prune", async () => {
    const gone = await builds.pruneCaches();
    return {
      CachesDeleted: gone.length > 0 ? gone.map(({ name }) => name) : null,
      SpaceReclaimed: gone.reduce((sum, { size }) => sum + size, 0),
    };
  });
  app.post("/build/cancel", async (request, reply) => {
    const id = queryText(request.query, "id") ?? "";
    if (id === "") throw invalid("build ID not provided");
    builds.cancel(id);
    return reply.send();
  });
}

/** Which build a context is for that is the body; "" for none. */
function uploadFor(query: unknown): string {
  return /^upload-request:(.+)$/s.exec(queryText(query, "buildid") ?? "")?.[1] ?? "";
}

function refuseUnsupported(query: unknown): void {
  const text = (name: string) => queryText(query, name) ?? "";
  if (text("version") === "2" && uploadFor(query) !== "") return;
  const session = text("session") !== "";
  if (session !== (text("version") === "2")) {
    throw notImplemented(
      "BuildKit (version=2) builds what a session has (remote=client-session): for a context in the body, DOCKER_BUILDKIT=0",
    );
  }
  if (text("remote") !== "" && !session) {
    throw notImplemented("a build's context by URL is not supported: fetch it, and build from the directory");
  }
  if (queryFlag(query, "squash")) throw invalid("squash is only supported with experimental mode");
}
