/** What docs/api-coverage.md says of each operation is what the engine answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot, startEngine } from "../support/engine.ts";

const rows = readFileSync(join(projectRoot, "docs/api-coverage.md"), "utf8")
  .split("\n")
  .map((line) => /^\| (GET|POST|PUT|DELETE|HEAD) \| (\S+) \| (done|501|503) \|/.exec(line))
  .filter((match) => match !== null)
  .map(([, method = "", path = "", state = ""]) => ({ method, path, state }));

/** Takes a connection over, or goes on for ever. */
const QUERY: Record<string, string> = { "/events": "?until=1" };
const ONLY_BY_UPGRADE = ["/containers/{id}/attach/ws"];

test("operations answer as the table says", async (t) => {
  const engine = await startEngine();
  t.after(() => engine.stop());
  const wrong: string[] = [];
  for (const { method, path, state } of rows) {
    if (ONLY_BY_UPGRADE.includes(path)) continue;
    const answer = await call(engine.socket, method, path.replace(/{\w+}/g, "nosuch") + (QUERY[path] ?? ""));
    const built = answer.status !== 501 && answer.status !== 503 && !answer.body.includes("page not found");
    if (state === "done" ? !built : answer.status !== Number(state)) wrong.push(`${method} ${path}: ${answer.status}`);
  }
  assert.deepEqual(wrong, []);
});

function call(socketPath: string, method: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.setTimeout(20_000, () => sent.destroy(new Error(`${method} ${path} does not answer`)));
    sent.on("error", reject);
    sent.end();
  });
}
