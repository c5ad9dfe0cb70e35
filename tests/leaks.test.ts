/** The machine is left as it was found: run last, after every other test. */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { command } from "./support/command.ts";

test("no mount of an engine or a test is left", () => {
  const left = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => /cloche/.test(line));
  assert.deepEqual(left, []);
});

test("no container's cgroup is left", () => {
  const left = globSync([
    "/sys/fs/cgroup/{docker,docker-test}*/*/",
    "/sys/fs/cgroup/*/{docker,docker-test}*/*/",
  ]).filter((path) => existsSync(`${path}/cgroup.procs`));
  assert.deepEqual(left, []);
});

test("no launcher, monitor or engine process is left", () => {
  const left = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return name.startsWith("cloche:") || words.includes("cloche-test-")
          ? [`${pid} ${name} ${readlinkSync(`/proc/${pid}/exe`)}`]
          : [];
      } catch {
        return []; // it has just ended
      }
    });
  assert.deepEqual(left, []);
});

test("no network interface, network namespace or nft table of ours is left", async () => {
  const links = (await command("ip", ["-o", "link"])).stdout
    .split("\n")
    .filter((line) => /\b(clt[0-9a-f]{8}|veth\w+|br-[0-9a-f]{12}|cloche\d*)\b/.test(line));
  assert.deepEqual(links, []);
  const tables = (await command("nft", ["list", "tables"])).stdout
    .split("\n")
    .filter((line) => /clt|cloche/.test(line));
  assert.deepEqual(tables, []);
  const spaces = existsSync("/run/netns") ? readdirSync("/run/netns").filter((name) => /clt|cloche/.test(name)) : [];
  assert.deepEqual(spaces, []);
});

test("no folder of a test is left", () => {
  assert.deepEqual(
    readdirSync(tmpdir()).filter((name) => /^cloche-/.test(name)),
    [],
  );
});
