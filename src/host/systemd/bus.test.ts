/** Against a message bus of our own: dbus-daemon checks every message, and cuts off who sends a malformed one. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectBus, DbusError } from "./bus.ts";

const skip = existsSync("/usr/bin/dbus-daemon") ? false : "dbus-daemon is not installed";

async function startBus(t: TestContext): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "bus-"));
  const socket = join(directory, "socket");
  writeFileSync(
    join(directory, "config"),
    `<busconfig><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
     <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  );
  const daemon = spawn("/usr/bin/dbus-daemon", ["--nofork", "--config-file", join(directory, "config")], {
    stdio: "ignore",
  });
  t.after(() => {
    daemon.kill("SIGKILL");
    rmSync(directory, { recursive: true });
  });
  for (let look = 0; !existsSync(socket) && look < 500; look++) await delay(20);
  return socket;
}

const daemon = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
};

test("calls are answered, errors come with their name, and both in any number at a time", { skip }, async (t) => {
  const bus = await connectBus(await startBus(t), true);
  t.after(() => bus.close());
  const own = (name: string) => bus.call({ ...daemon, member: "RequestName", signature: "su", body: [name, 0] });
  const results = await Promise.allSettled([own("org.example.A"), own("not a name"), own("org.example.B")]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  const [, refused] = results;
  assert.ok(refused?.status === "rejected" && refused.reason instanceof DbusError);
  assert.equal(refused.reason.name, "org.freedesktop.DBus.Error.InvalidArgs");
  assert.match(refused.reason.message, /not a name/);
});

test("a call of StartTransientUnit's shape is well formed", { skip }, async (t) => {
  const bus = await connectBus(await startBus(t), true);
  t.after(() => bus.close());
  const properties = [
    ["Slice", ["s", "a.slice"]],
    ["PIDs", ["au", [1, 2]]],
    ["Delegate", ["b", true]],
    ["MemoryMax", ["t", 1n << 40n]],
    ["AllowedCPUs", ["ay", [3]]],
  ];
  const call = { destination: "org.example.None", path: "/a", interface: "a.B", member: "Start" };
  await assert.rejects(
    bus.call({ ...call, signature: "ssa(sv)a(sa(sv))", body: ["u.scope", "fail", properties, []] }),
    { name: "org.freedesktop.DBus.Error.ServiceUnknown" },
  );
  // It would have been cut off.
  await bus.call({ ...daemon, member: "GetId", signature: "", body: [] });
});

test("who is not let in is told so; a bus that goes takes its calls with it", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "bus-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const server = createServer((socket) => {
    socket.once("data", () => socket.write("REJECTED EXTERNAL\r\n"));
    socket.on("error", () => {});
  });
  t.after(() => server.close());
  await new Promise<void>((done) => server.listen(join(directory, "no"), done));
  await assert.rejects(connectBus(join(directory, "no"), true), /lets us not in: REJECTED/);

  const silent = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write("OK 0\r\n");
      socket.once("data", () => setTimeout(() => socket.destroy(), 50));
    });
  });
  t.after(() => silent.close());
  await new Promise<void>((done) => silent.listen(join(directory, "silent"), done));
  await assert.rejects(connectBus(join(directory, "silent"), true), /has closed the connection/);
});
