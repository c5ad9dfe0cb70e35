/** The description of the glass API against its routes, its page in docs, and its answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Compile } from "typebox/compile";
import { OPERATIONS } from "../../src/wire/openapi/document.ts";
import { SCHEMAS } from "../../src/wire/openapi/schemas.ts";
import { importBusybox } from "../support/busybox.ts";
import { projectRoot, startEngine } from "../support/engine.ts";
import { ask } from "./ask.ts";
import { openStream } from "./event-stream.ts";

const mine = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} /cloche/v1${path}`).sort();

test("the routes of the glass, its page and its description name the same operations", () => {
  const source = ["glass.ts", "glass-live.ts"].map((name) =>
    readFileSync(join(projectRoot, "src/api/routes", name), "utf8"),
  );
  const routes = [...source.join("").matchAll(/app\.(get|post)(?:<[^(]*>)?\(\s*"(\/cloche\/v1[^"]*)"/g)].map(
    ([, method = "", path = ""]) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, "{$1}")}`,
  );
  assert.deepEqual(mine, routes.sort());
  const page = readFileSync(join(projectRoot, "docs/glass-api.md"), "utf8");
  const rows = [...page.matchAll(/^\| (GET|POST) \| (\S+) \|/gm)].map(([, method, path]) => `${method} ${path}`);
  for (const name of mine) assert.ok(rows.includes(name), `${name} is not on the page`);
});

test("answers are as they are described", async (t) => {
  const engine = await startEngine();
  t.after(() => engine.stop());
  await importBusybox(engine);
  await engine.ok("run", "-d", "--name", "box", "-m", "64m", "--cpus", "0.5", "busybox", "sleep", "600");
  const fits = (name: keyof typeof SCHEMAS, value: unknown, where: string) => {
    const validator = Compile(SCHEMAS[name]);
    const wrong = validator.Check(value) ? [] : [...validator.Errors(value)].slice(0, 3);
    assert.deepEqual(wrong, [], `${where} is no ${name}`);
  };
  for (const { method, path, answer } of OPERATIONS) {
    if (answer === "script" || answer === "stream") continue;
    const at = `/cloche/v1${path.replace("{id}", "box").replace("{pid}", String(process.pid))}`;
    const { status, body } = await ask<{ openapi?: string }>(
      engine.socket,
      method.toUpperCase(),
      at,
      method === "post" ? { Image: "busybox" } : undefined,
    );
    assert.equal(status, 200, `${at}: ${JSON.stringify(body)}`);
    if (answer === "document") assert.equal(body.openapi, "3.1.0");
    else fits(answer, body, at);
  }
  const stream = await openStream(engine.socket, "containers,samples,events,map:box,processes,cgroups");
  t.after(() => stream.close());
  await engine.ok("rename", "box", "crate");
  for (const [event, name] of [
    ["hello", "Hello"],
    ["containers", "ContainersMessage"],
    ["samples", "SamplesMessage"],
    ["events", "DockerEvent"],
    ["map", "MapAnswer"],
    ["processes", "ProcessesMessage"],
    ["cgroups", "CgroupsAnswer"],
  ] as const)
    fits(name, await stream.next(event), `the event ${event}`);
});
