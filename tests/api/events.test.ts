import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { eventRoutes } from "../../src/api/routes/events.ts";
import { createServer } from "../../src/api/server.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import { matchesEvent } from "../../src/engine/events-query.ts";
import { parseFilters } from "../../src/wire/filters.ts";
import { until } from "./fakes.ts";

async function setUp(t: { after(fn: () => Promise<void>): void }) {
  let now = 1_000_000_000_000_000_001n;
  const events = createEventBus(() => now++);
  const directory = mkdtempSync(join(tmpdir(), "events-"));
  const path = join(directory, "s");
  const server = await createServer({
    cgroupVersion: "v1",
    log: { error() {} },
    serverName: "x",
    register: (app) => eventRoutes(app, { events }),
    hijacks: [],
  });
  await server.listen(`unix://${path}`);
  t.after(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const read = (query: string) => {
    const result = { text: "", status: 0, ended: false, stop: () => {} };
    const request = get({ socketPath: path, path: `/events${query}` }, (response) => {
      result.status = response.statusCode ?? 0;
      response.on("data", (chunk) => {
        result.text += chunk;
      });
      response.on("end", () => {
        result.ended = true;
      });
      response.on("error", () => {});
    });
    request.on("error", () => {});
    result.stop = () => request.destroy();
    return result;
  };
  return { events, read };
}

const started = (name: string, Action = "start") => ({
  Type: "container" as const,
  Action,
  Actor: { ID: `${name}0123`, Attributes: { name, image: "busybox:latest", tier: "db" } },
});

test("live events come at once, one line each, with nanoseconds that no double could hold", async (t) => {
  const { events, read } = await setUp(t);
  const reader = read("");
  await until(() => events.listeners() === 1);
  assert.equal(reader.status === 0 || reader.status === 200, true);
  events.publish(started("a"));
  await until(() => reader.text.endsWith("\n"));
  assert.match(reader.text, /"timeNano":1000000000000000001}/);
  const { status, id, from, Type, Action, scope } = JSON.parse(reader.text);
  assert.deepEqual(
    [status, id, from, Type, Action, scope],
    ["start", "a0123", "busybox:latest", "container", "start", "local"],
  );
  reader.stop();
  await until(() => events.listeners() === 0, "the client's departure to be noticed");
});

test("since and until in the past answer from what is kept, and end", async (t) => {
  const { events, read } = await setUp(t);
  events.publish(started("a"));
  events.publish(started("b"));
  events.publish(started("c"));
  const reader = read("?since=1000000000.000000002&until=1000000000.000000002");
  await until(() => reader.ended);
  assert.deepEqual(reader.text.match(/"name":"\w"/g), ['"name":"b"']);
});

test("an unknown filter is passed over, as docker does; text that is no filter is refused", async (t) => {
  const { read } = await setUp(t);
  const unknown = read(`?since=1&until=2&filters=${encodeURIComponent('{"nope":["x"]}')}`);
  await until(() => unknown.ended);
  assert.equal(unknown.status, 200);
  const broken = read("?since=1&until=2&filters=nope");
  await until(() => broken.ended);
  assert.equal(broken.status, 400);
});

test("filters: alternatives within a name, all names together", () => {
  const event = { ...started("web", "exec_create: ls"), scope: "local", time: 0, timeNano: 0n } satisfies EngineEvent;
  const matches = (filters: object) => matchesEvent(event, parseFilters(JSON.stringify(filters), "any"));
  assert.ok(matches({}));
  assert.ok(matches({ type: ["container", "image"] }));
  assert.ok(matches({ type: { container: true } }));
  assert.ok(!matches({ type: ["image"] }));
  assert.ok(matches({ event: ["exec_create"] }));
  assert.ok(matches({ event: ["exec_create: ls"] }));
  assert.ok(!matches({ event: ["exec"] }));
  assert.ok(matches({ container: ["web"], label: ["tier=db", "tier"] }));
  assert.ok(matches({ container: ["web01"] }));
  assert.ok(!matches({ container: ["other"] }));
  assert.ok(!matches({ label: ["tier=web"] }));
  assert.ok(matches({ image: ["busybox"] }));
  assert.ok(!matches({ image: ["busy"] }));
  assert.ok(!matches({ network: ["web"] }));
});
