import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCgroupMembership, parseMountInfo } from "./proc-mountinfo.ts";

test("optional fields may be none, one or more", () => {
  const [plain, shared, both] = parseMountInfo(
    [
      "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
      "32 31 0:29 / /sys/fs/cgroup/cpu rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct",
      "33 31 8:1 /home /mnt ro shared:1 master:2 - ext4 /dev/sda1 rw,errors=continue",
      "",
    ].join("\n"),
  );
  assert.deepEqual(plain?.propagation, []);
  assert.equal(plain?.fsType, "tmpfs");
  assert.deepEqual(shared?.superOptions, ["rw", "cpu", "cpuacct"]);
  assert.deepEqual(both?.propagation, ["shared:1", "master:2"]);
  assert.equal(both?.root, "/home");
  assert.equal(both?.major, 8);
});

test("white space and a dash in paths are no separators", () => {
  const [mount] = parseMountInfo("40 31 0:30 / /mnt/a\\040b\\134\\012c rw shared:1 - tmpfs - rw");
  assert.equal(mount?.mountpoint, "/mnt/a b\\\nc");
  assert.equal(mount?.source, "-");
});

test("memberships of v1, named and unified hierarchies", () => {
  const text = "9:name=systemd:/\n4:cpu,cpuacct:/docker/x:y\n0::/docker/x\n";
  assert.deepEqual(parseCgroupMembership(text), [
    { hierarchy: 9, controllers: ["name=systemd"], path: "/" },
    { hierarchy: 4, controllers: ["cpu", "cpuacct"], path: "/docker/x:y" },
    { hierarchy: 0, controllers: [], path: "/docker/x" },
  ]);
});
