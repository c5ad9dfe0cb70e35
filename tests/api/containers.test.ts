/** Containers over HTTP, on fakes: statuses, texts and shapes that clients depend on. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { serveContainers } from "./containers-server.ts";

const sleeper = { Image: "busybox", Cmd: ["sleep", "9"], HostConfig: { NetworkMode: "none" } };
const filters = (value: object) => encodeURIComponent(JSON.stringify(value));

test("create answers 201 with the id, and takes nulls as Go does", async (t) => {
  const { send } = await serveContainers(t);
  const created = await send("POST", "/v1.51/containers/create?name=one", {
    ...sleeper,
    Env: null,
    Entrypoint: null,
    HostConfig: { Binds: null, PortBindings: null, RestartPolicy: null, Unknown: 1 },
    NetworkingConfig: null,
  });
  assert.equal(created.status, 201);
  assert.deepEqual(created.body, { Id: "1".padStart(64, "0"), Warnings: [] });
  const taken = await send("POST", "/containers/create?name=one", sleeper);
  assert.equal(taken.status, 409);
});

test("bodies that cannot be: 400 with Go's words", async (t) => {
  const { send } = await serveContainers(t);
  const message = async (body: unknown) => {
    const { status, body: answer } = await send("POST", "/containers/create", body);
    assert.equal(status, 400, JSON.stringify(body));
    return Reflect.get(Object(answer), "message");
  };
  assert.equal(
    await message({ ...sleeper, HostConfig: { Memory: "1g" } }),
    "json: cannot unmarshal string into Go struct field CreateRequest.HostConfig.Memory of type int64",
  );
  assert.equal(
    await message({ ...sleeper, Env: ["A", 3] }),
    "json: cannot unmarshal number into Go struct field CreateRequest.Env of type string",
  );
  assert.match(String(await message("{")), /JSON/);
  assert.equal(await message(undefined), "EOF");
  assert.equal(await message({ ...sleeper, HostConfig: { Memory: 1000 } }), "Minimum memory limit allowed is 6MB");
});

test("an unknown image and an unknown container are 404, with docker's texts", async (t) => {
  const { send } = await serveContainers(t);
  assert.deepEqual(await send("POST", "/containers/create", { Image: "nope" }), {
    status: 404,
    body: { message: "No such image: nope:latest" },
  });
  assert.deepEqual(await send("GET", "/containers/nope/json"), {
    status: 404,
    body: { message: "No such container: nope" },
  });
});

test("start, stop and remove answer 204; what is so already 304", async (t) => {
  const { send } = await serveContainers(t);
  await send("POST", "/containers/create?name=one", sleeper);
  const status = async (method: string, path: string) => (await send(method, path)).status;
  assert.equal(await status("POST", "/containers/one/start"), 204);
  assert.equal(await status("POST", "/containers/one/start"), 304);
  assert.equal(await status("POST", "/containers/one/kill"), 204);
  assert.equal(await status("POST", "/containers/one/stop"), 304);
  assert.equal(await status("POST", "/containers/one/kill"), 409);
  assert.equal(await status("DELETE", "/containers/one?v=1"), 204);
  assert.equal(await status("DELETE", "/containers/one"), 404);
});

test("wait sends its headers before the container has ended", async (t) => {
  const { send, world, socket } = await serveContainers(t);
  const { body } = await send("POST", "/containers/create?name=one", sleeper);
  const headers = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    request({ socketPath: socket, method: "POST", path: "/containers/one/wait?condition=next-exit" }, resolve)
      .on("error", reject)
      .end();
  });
  assert.equal(headers.statusCode, 200);
  await send("POST", "/containers/one/start");
  world.process(String(Reflect.get(Object(body), "Id"))).end({ exitCode: 42 });
  const chunks: Buffer[] = [];
  for await (const chunk of headers) chunks.push(chunk as Buffer);
  assert.deepEqual(JSON.parse(Buffer.concat(chunks).toString()), { StatusCode: 42 });
});

test("the list: running ones, all, filters, limit, sizes", async (t) => {
  const { send, world } = await serveContainers(t);
  for (const name of ["one", "two", "three"]) {
    await world.clock.advance(1000);
    await send("POST", `/containers/create?name=${name}`, {
      ...sleeper,
      Labels: { name },
      ExposedPorts: { "80/tcp": {} },
    });
  }
  await send("POST", "/containers/two/start");
  const names = async (query: string) => {
    const { body } = await send("GET", `/containers/json?${query}`);
    assert.ok(Array.isArray(body), JSON.stringify(body));
    return body.map((it: { Names: string[] }) => it.Names.join()).join(" ");
  };
  assert.equal(await names(""), "/two");
  assert.equal(await names("all=1"), "/three /two /one");
  assert.equal(await names("limit=2"), "/three /two");
  assert.equal(await names(`filters=${filters({ status: ["created"] })}`), "/three /one");
  assert.equal(await names(`all=1&filters=${filters({ name: ["^/t"] })}`), "/three /two");
  assert.equal(await names(`all=1&filters=${filters({ name: ["^two$", "one"] })}`), "/two /one");
  assert.equal(await names(`all=1&filters=${filters({ label: ["name=one"] })}`), "/one");
  assert.equal(await names(`filters=${filters({ before: ["three"] })}`), "/two /one");
  assert.equal(await names(`filters=${filters({ since: ["two"] })}`), "/three");
  assert.equal(
    await names(`all=1&filters=${filters({ expose: ["79-81"], network: ["none"], ancestor: ["busybox"] })}`),
    "/three /two /one",
  );
  assert.equal(await names(`all=1&filters=${filters({ ancestor: ["nope"] })}`), "");
  assert.equal(await names(`all=1&filters=${filters({ "is-task": ["true"] })}`), "");
  const bad = await send("GET", `/containers/json?filters=${filters({ status: ["odd"] })}`);
  assert.deepEqual(bad, { status: 400, body: { message: "invalid filter 'status=odd'" } });
  const { body } = await send("GET", "/containers/json?size=1");
  assert.ok(Array.isArray(body));
  assert.deepEqual(
    [body[0].SizeRw, body[0].SizeRootFs, body[0].State, body[0].Command],
    [7, 107, "running", "sleep 9"],
  );
});

test("prune removes what does not run and says what it freed", async (t) => {
  const { send } = await serveContainers(t);
  const { body } = await send("POST", "/containers/create?name=one", sleeper);
  await send("POST", "/containers/create?name=two", sleeper);
  await send("POST", "/containers/two/start");
  const pruned = await send("POST", "/containers/prune");
  assert.deepEqual(pruned.body, { ContainersDeleted: [Reflect.get(Object(body), "Id")], SpaceReclaimed: 7 });
});

test("what is not built yet says so", async (t) => {
  const { send } = await serveContainers(t);
  for (const [method, path] of [
    ["GET", "/containers/x/checkpoints"],
    ["POST", "/containers/x/checkpoints"],
  ] as const) {
    const { status, body } = await send(method, path);
    assert.equal(status, 501, path);
    assert.match(String(Reflect.get(Object(body), "message")), /is not implemented$/);
  }
});
