/** Execs: create, start, inspect, resize. */
import type { FastifyInstance } from "fastify";
import type { Exec } from "../../engine/execs/exec.ts";
import type { Execs } from "../../engine/execs/execs.ts";
import { decodeExecCreate, decodeExecStart } from "../../wire/exec.ts";
import type { HijackRoute } from "../hijack.ts";
import { queryText } from "./query.ts";

type WithId = { Params: { id: string } };

export function execRoutes(app: FastifyInstance, { execs }: { execs: Execs }): void {
  app.post<WithId>("/containers/:id/exec", async (request, reply) => {
    const { id } = execs.create(request.params.id, decodeExecCreate(request.body));
    return reply.code(201).send({ Id: id });
  });

  app.get<WithId>("/exec/:id/json", (request, reply) => {
    reply.send(execJson(execs.find(request.params.id)));
  });

  app.post<WithId>("/exec/:id/resize", async (request, reply) => {
    await execs.resize(request.params.id, { h: queryText(request.query, "h"), w: queryText(request.query, "w") });
    return reply.code(200).send();
  });
}

/** Exec start, for hijack.ts. */
export function execStartRoute({ execs }: { execs: Execs }): HijackRoute {
  return {
    protocol: "tcp",
    path: "/exec/:id/start",
    async handle({ id, body }) {
      const { detach, consoleSize } = decodeExecStart(body);
      if (detach) {
        await execs.startDetached(id);
        return { reply: 200 };
      }
      return execs.startAttached(id, consoleSize ? { consoleSize } : {});
    },
  };
}

/** The same by a websocket, for browsers: Docker has one for attach only. */
export function execSocketRoute({ execs }: { execs: Execs }): HijackRoute {
  return {
    protocol: "websocket",
    path: "/cloche/v1/exec/:id/ws",
    async handle({ id, query }) {
      const [rows, columns] = ["h", "w"].map((name) => query.get(name));
      return execs.startAttached(id, rows && columns ? { consoleSize: sizeOf(rows, columns) } : {});
    },
  };
}

/** @throws InvalidInput */
function sizeOf(rows: string, columns: string): [number, number] {
  const { consoleSize } = decodeExecStart({ ConsoleSize: [Number(rows), Number(columns)] });
  return consoleSize ?? [0, 0];
}

function execJson({ id, containerId, config, state, exitCode, pid }: Exec): object {
  const [entrypoint = "", ...args] = config.cmd;
  return {
    ID: id,
    Running: state === "running",
    ExitCode: exitCode,
    ProcessConfig: {
      tty: config.tty,
      entrypoint,
      arguments: args,
      privileged: config.privileged,
      ...(config.user && { user: config.user }),
    },
    OpenStdin: config.attachStdin,
    OpenStderr: config.attachStderr,
    OpenStdout: config.attachStdout,
    CanRemove: false, // as docker, which never sets it
    ContainerID: containerId,
    DetachKeys: config.detachKeys ?? "",
    Pid: pid,
  };
}
