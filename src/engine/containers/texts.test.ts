/** Texts that people and programs read: status, hosts, resolv.conf, environment, log attributes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { aRecord } from "./fixtures.ts";
import { logSpec } from "./log-drivers.ts";
import { resolvConfText } from "./resolv-conf.ts";
import { environment } from "./spec-env.ts";
import { humanDuration, statusText } from "./status-text.ts";
import { untilTime } from "./until-time.ts";

test("durations as docker says them", () => {
  const said = [0.4, 1, 59, 60, 119, 120, 3599, 3600, 5399, 5401, 48 * 3600, 14 * 86400, 61 * 86400, 800 * 86400].map(
    humanDuration,
  );
  assert.deepEqual(said, [
    "Less than a second",
    "1 second",
    "59 seconds",
    "About a minute",
    "About a minute",
    "2 minutes",
    "59 minutes",
    "About an hour",
    "About an hour",
    "2 hours",
    "2 days",
    "2 weeks",
    "2 months",
    "2 years",
  ]);
});

test("the status column", () => {
  const { state } = aRecord();
  const now = Date.parse("2026-01-01T00:02:00Z");
  const at = { startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:01:57Z" };
  const says = (over: Partial<typeof state>) => statusText({ state: { ...state, ...over } }, now);
  assert.equal(says({}), "Created");
  assert.equal(says({ ...at, status: "running" }), "Up 2 minutes");
  assert.equal(says({ ...at, status: "paused" }), "Up 2 minutes (Paused)");
  assert.equal(says({ ...at, status: "exited", exitCode: 137 }), "Exited (137) 3 seconds ago");
  assert.equal(says({ ...at, status: "restarting", exitCode: 1 }), "Restarting (1) 3 seconds ago");
  const health = (Status: "starting" | "healthy") => ({ Status, FailingStreak: 0, Log: [] });
  assert.equal(says({ ...at, status: "running", health: health("starting") }), "Up 2 minutes (health: starting)");
  assert.equal(says({ ...at, status: "running", health: health("healthy") }), "Up 2 minutes (healthy)");
});

test("resolv.conf: the host's, but for servers on its loopback; --dns; the embedded server", () => {
  const none: { Dns: string[]; DnsSearch: string[]; DnsOptions: string[] } = { Dns: [], DnsSearch: [], DnsOptions: [] };
  const settings = { dns: [], dnsSearch: [], dnsOptions: [] };
  const text = (
    host: string,
    over: { asked?: Partial<typeof none>; ownNetwork?: boolean; embeddedDns?: boolean } = {},
  ) =>
    resolvConfText({
      host,
      settings,
      ownNetwork: true,
      embeddedDns: false,
      ...over,
      asked: { ...none, ...over.asked },
    });
  assert.equal(
    text("nameserver 192.0.2.1\nsearch a b\noptions ndots:2\n"),
    "nameserver 192.0.2.1\nsearch a b\noptions ndots:2\n",
  );
  assert.equal(text("nameserver 127.0.0.53\nnameserver 192.0.2.1\n"), "nameserver 192.0.2.1\n");
  assert.match(text("nameserver 127.0.0.53\n"), /^nameserver 8\.8\.8\.8\nnameserver 8\.8\.4\.4\n$/);
  assert.equal(text("nameserver 127.0.0.53\n", { ownNetwork: false }), "nameserver 127.0.0.53\n");
  assert.equal(text("search host\n", { asked: { Dns: ["192.0.2.9"], DnsSearch: ["."] } }), "nameserver 192.0.2.9\n");
  assert.equal(text("nameserver 192.0.2.1\n", { embeddedDns: true }), "nameserver 127.0.0.11\noptions ndots:0\n");
});

test("the environment: docker's own first, the user's over them, HOME from passwd", () => {
  const env = environment({
    config: { Env: ["PATH=/x", "A=1=2", "HOSTNAME"], Tty: true },
    hostname: "h",
    home: "/root",
  });
  assert.deepEqual(env, ["PATH=/x", "TERM=xterm", "A=1=2", "HOME=/root"]);
  assert.deepEqual(
    environment({ config: { Env: ["HOME=/me"], Tty: false }, hostname: "", home: "/root" }).at(-1),
    "HOME=/me",
  );
});

test("log options: sizes, files, attributes of labels, variables and tag", () => {
  const record = aRecord();
  record.config.Labels = { team: "a", other: "b" };
  record.config.Env = ["STAGE=test", "SECRET=x"];
  record.hostConfig.LogConfig = {
    Type: "json-file",
    Config: { "max-size": "10m", "max-file": "3", labels: "team", "env-regex": "^STA", tag: "{{.Name}}/{{.ID}}" },
  };
  assert.deepEqual(logSpec(record, "/log"), {
    path: "/log",
    maxSize: 10_000_000,
    maxFiles: 3,
    compress: false,
    attrs: JSON.stringify({ STAGE: "test", tag: "sleeper/111111111111", team: "a" }),
  });
  record.hostConfig.LogConfig = { Type: "none", Config: {} };
  assert.equal(logSpec(record, "/log"), null);
});

test("prune's until: a moment, Unix time, or how long ago", () => {
  const now = "2026-01-01T02:00:00Z";
  assert.equal(untilTime("1h30m", now), Date.parse("2026-01-01T00:30:00Z"));
  assert.equal(untilTime("1767225600", now), 1767225600_000);
  assert.equal(untilTime("2026-01-01T00:00:00Z", now), Date.parse("2026-01-01T00:00:00Z"));
  assert.throws(() => untilTime("soon", now), { kind: "invalid" });
});
