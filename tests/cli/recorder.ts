import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Recorded = { method: string; url: string; body: unknown };

/** An engine that only listens: it notes every request and answers just enough for a client to go on. */
export async function startRecorder(apiVersion = "1.50") {
  const folder = mkdtempSync(join(tmpdir(), "cloche-recorder-"));
  const socketPath = join(folder, "d.sock");
  let requests: Recorded[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const url = request.url ?? "";
      if (!url.endsWith("/_ping")) {
        let body: unknown = text;
        try {
          body = JSON.parse(text);
        } catch {
          // Not every body is JSON.
        }
        requests.push({ method: request.method ?? "", url, body });
      }
      response.setHeader("Api-Version", apiVersion);
      response.setHeader("Ostype", "linux");
      response.setHeader("Content-Type", "application/json");
      if (request.method === "HEAD") return response.end();
      const path = url.replace(/^\/v[\d.]+/, "").split("?")[0] ?? "";
      response.statusCode = /\/(create|exec)$/.test(path)
        ? 201
        : /\/(start|stop|kill|restart|pause|unpause|rename|tag|resize)$/.test(path)
          ? 204
          : 200;
      if (response.statusCode === 204) return response.end();
      response.end(JSON.stringify(answer(path, request.method ?? "")));
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    /** what was asked since the last call */
    take(): Recorded[] {
      const taken = requests;
      requests = [];
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ID = "0123456789abcdef".repeat(4);

function answer(path: string, method: string): unknown {
  if (path === "/_ping") return "OK";
  if (path === "/version") return { Version: "28", ApiVersion: "1.50", Os: "linux", Arch: "amd64", Components: [] };
  if (path === "/info") return { OSType: "linux", IndexServerAddress: "https://index.docker.io/v1/" };
  if (/\/(json|list)$/.test(path) && /^\/(containers|images)\/json$/.test(path)) return [];
  if (path === "/networks" || path.endsWith("/history") || path.endsWith("/changes")) return [];
  if (path === "/volumes" && method === "GET") return { Volumes: [] };
  if (method === "DELETE" && path.startsWith("/images")) return [];
  if (path.endsWith("/wait")) return { StatusCode: 0 };
  if (path.endsWith("/top")) return { Titles: ["PID"], Processes: [] };
  return {
    Id: ID,
    ID,
    Name: "name",
    Warnings: [],
    Config: { Tty: false },
    State: { Running: true, Status: "running" },
  };
}
