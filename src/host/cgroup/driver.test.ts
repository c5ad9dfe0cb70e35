import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { chooseDriver } from "./driver.ts";

/** @param paths directories (with a slash at the end) and files that the host has */
function host(t: TestContext, ...paths: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "driver-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const path of paths) {
    mkdirSync(join(root, path, path.endsWith("/") ? "." : ".."), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(root, path), "");
  }
  return root;
}

test("systemd is the default where it is PID 1 and cgroup v2 is alone", (t) => {
  const booted = host(t, "/run/systemd/system/");
  assert.equal(chooseDriver("", "v2", booted), "systemd");
  assert.equal(chooseDriver("", "v1", booted), "cgroupfs");
  assert.equal(chooseDriver("", "v2", host(t)), "cgroupfs");
  assert.equal(chooseDriver("cgroupfs", "v2", booted), "cgroupfs");
});

test("who asks for systemd where it cannot be is told why, and what to do", (t) => {
  const booted = host(t, "/run/systemd/system/");
  assert.throws(() => chooseDriver("systemd", "v2", host(t)), /not PID 1 of this host.*use --cgroup-driver cgroupfs/);
  assert.throws(
    () => chooseDriver("systemd", "v1", booted),
    /this host has v1 controllers: use --cgroup-driver cgroupfs/,
  );
  assert.throws(() => chooseDriver("systemd", "v2", booted), /cannot be reached by .*let the engine see one of them/);
  assert.equal(chooseDriver("systemd", "v2", host(t, "/run/systemd/system/", "/run/systemd/private")), "systemd");
});
