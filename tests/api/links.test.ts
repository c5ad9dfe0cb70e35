/** --link on the default bridge, as a user of the docker CLI sees it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";

let engine: TestEngine;
before(async () => {
  engine = await startEngine();
  await importBusybox(engine);
  const given = ["--hostname", "dbhost", "--expose", "5432", "--expose", "80/udp", "-e", "SECRET=1"];
  await engine.ok("run", "-d", "--name", "my-db", ...given, "busybox", "sleep", "1000");
});
after(() => engine.stop());

test("the other's names are in the hosts file, its ports and variables in the environment", async () => {
  const ip = await engine.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "my-db");
  const script = "grep my-db /etc/hosts; env | grep ^DB_; ping -c 1 -W 5 db >/dev/null && echo reached";
  const lines = (
    await engine.ok("run", "--rm", "--name", "web", "--link", "my-db:db", "busybox", "sh", "-c", script)
  ).split("\n");
  assert.deepEqual(
    lines.slice().sort(),
    [
      `${ip}\tdb dbhost my-db`,
      `DB_PORT=udp://${ip}:80`,
      `DB_PORT_80_UDP=udp://${ip}:80`,
      `DB_PORT_80_UDP_ADDR=${ip}`,
      "DB_PORT_80_UDP_PORT=80",
      "DB_PORT_80_UDP_PROTO=udp",
      `DB_PORT_5432_TCP=tcp://${ip}:5432`,
      `DB_PORT_5432_TCP_ADDR=${ip}`,
      "DB_PORT_5432_TCP_PORT=5432",
      "DB_PORT_5432_TCP_PROTO=tcp",
      "DB_NAME=/web/db",
      "DB_ENV_SECRET=1",
      "reached",
    ].sort(),
  );
});

test("an exec has the variables too", async () => {
  await engine.ok("run", "-d", "--name", "long", "--link", "my-db:db", "busybox", "sleep", "1000");
  assert.equal(
    await engine.ok("exec", "long", "sh", "-c", "echo $DB_NAME $DB_ENV_SECRET $DB_PORT_5432_TCP_PORT"),
    "/long/db 1 5432",
  );
});

test("inspect shows the link, also after a rename", async () => {
  await engine.ok("create", "--name", "app", "--link", "my-db", "busybox");
  await engine.ok("rename", "my-db", "store");
  assert.equal(await engine.ok("inspect", "-f", "{{json .HostConfig.Links}}", "app"), '["/store:/app/my-db"]');
  await engine.ok("rename", "store", "my-db");
});

test("a link to nobody, or to one that does not run, is refused", async () => {
  const create = await engine.docker("create", "--link", "nobody:x", "busybox");
  assert.match(create.stderr, /could not get container for nobody: No such container: nobody/);
  await engine.ok("create", "--name", "idle", "busybox");
  await engine.ok("create", "--name", "user", "--link", "idle:it", "busybox");
  const start = await engine.docker("start", "user");
  assert.match(start.stderr, /Cannot link to a non running container: \/idle AS \/user\/it/);
});
