/** Routes of containers: their life and their state. Streams (attach, logs, stats, …) have files of their own. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type ContainerVerbs, LIST_FILTERS, PRUNE_FILTERS } from "../../engine/containers/index.ts";
import { invalid, notImplemented } from "../../engine/errors.ts";
import { decodeCreate } from "../../wire/decode-container.ts";
import { decodeUpdate } from "../../wire/decode-container-host.ts";
import { parseFilters } from "../../wire/filters.ts";
import { queryFlag, queryText } from "./query.ts";

type OnOne = { Params: { id: string } };
type Named = FastifyRequest<OnOne>;

export function containerRoutes(app: FastifyInstance, { containers }: { containers: ContainerVerbs }): void {
  app.get("/containers/json", (request) =>
    containers.list({
      all: queryFlag(request.query, "all"),
      size: queryFlag(request.query, "size"),
      limit: integer(request.query, "limit") ?? 0,
      filters: parseFilters(queryText(request.query, "filters"), LIST_FILTERS),
    }),
  );

  app.post("/containers/create", async (request, reply) => {
    const created = await containers.create({
      ...decodeCreate(request.body),
      name: queryText(request.query, "name") ?? "",
      platform: queryText(request.query, "platform") || undefined,
    });
    return reply.code(201).send(created);
  });

  app.post("/containers/prune", (request) =>
    containers.prune(parseFilters(queryText(request.query, "filters"), PRUNE_FILTERS)),
  );

  app.get<OnOne>("/containers/:id/json", (request) =>
    containers.inspect(request.params.id, { size: queryFlag(request.query, "size") }),
  );

  app.post<OnOne>("/containers/:id/update", (request) =>
    containers.update(request.params.id, decodeUpdate(request.body)),
  );

  // -- verbs without an answer ----------------------------------------------------------------------------------------
  const verb = (name: string, run: (id: string, request: Named) => Promise<void>) =>
    app.post<OnOne>(`/containers/:id/${name}`, async (request, reply) => {
      await run(request.params.id, request);
      return reply.code(204).send();
    });
  verb("start", containers.start);
  verb("stop", (id, request) => containers.stop(id, stopOptions(request)));
  verb("restart", (id, request) => containers.restart(id, stopOptions(request)));
  verb("kill", (id, request) => containers.kill(id, queryText(request.query, "signal") ?? ""));
  verb("pause", containers.pause);
  verb("unpause", containers.unpause);
  verb("rename", (id, request) => containers.rename(id, queryText(request.query, "name") ?? ""));

  app.delete<OnOne>("/containers/:id", async (request, reply) => {
    await containers.remove(request.params.id, {
      force: queryFlag(request.query, "force"),
      volumes: queryFlag(request.query, "v"),
      link: queryFlag(request.query, "link"),
    });
    return reply.code(204).send();
  });

  app.post<OnOne>("/containers/:id/wait", async (request, reply) => {
    const { exit } = containers.wait(request.params.id, queryText(request.query, "condition") ?? "");
    reply.hijack();
    reply.raw.writeHead(200, { "Content-Type": "application/json" });
    // The CLI sends "start" only when it has seen these.
    reply.raw.flushHeaders();
    const { exitCode, error } = await exit;
    reply.raw.end(`${JSON.stringify({ StatusCode: exitCode, ...(error && { Error: { Message: error } }) })}\n`);
  });

  notBuiltYet(app);
}

function stopOptions(request: Named): { signal?: string; timeout?: number } {
  const signal = queryText(request.query, "signal");
  const timeout = integer(request.query, "t");
  return { ...(signal && { signal }), ...(timeout !== undefined && { timeout }) };
}

/** Throws invalid with Go's text. */
function integer(query: unknown, name: string): number | undefined {
  const text = queryText(query, name);
  if (text === undefined || text === "") return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

function notBuiltYet(app: FastifyInstance): void {
  const missing = (method: "GET" | "POST" | "DELETE", url: string, what: string) =>
    app.route({
      method,
      url,
      handler: async () => {
        throw notImplemented(`${what} is not implemented`);
      },
    });
  missing("GET", "/containers/:id/checkpoints", "checkpointing");
  missing("POST", "/containers/:id/checkpoints", "checkpointing");
  missing("DELETE", "/containers/:id/checkpoints/:checkpoint", "checkpointing");
}
