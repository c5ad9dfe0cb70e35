import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import {
  capabilitiesOfMask,
  capabilityMask,
  capabilityNames,
  parseCapabilities,
  parseCapability,
} from "./capabilities.ts";

test("a capability is understood with and without CAP_, in any case", () => {
  for (const text of ["NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin", "net_admin"]) {
    assert.equal(parseCapability(text), "NET_ADMIN");
  }
  assert.throws(() => parseCapability("CAP_FLY"), /unknown capability: "CAP_FLY"/);
});

test("ALL is every capability", () => {
  assert.deepEqual(parseCapabilities(["chown", "all"]), capabilityNames);
  assert.deepEqual(parseCapabilities(["KILL", "CAP_CHOWN"]), ["CHOWN", "KILL"]);
});

test("masks carry bits above 31", () => {
  assert.equal(capabilityMask(["CHOWN"]), 1n);
  assert.equal(capabilityMask(["CHECKPOINT_RESTORE", "CAP_KILL"]), (1n << 40n) | (1n << 5n));
  assert.equal(capabilityMask(capabilityNames), (1n << 41n) - 1n);
  assert.deepEqual(capabilitiesOfMask(0x20000000021n | (1n << 41n)), ["CHOWN", "KILL", "CAP_41"]);
  assert.throws(() => capabilityMask(["ALL"]), /not one capability/);
});

test("the numbers are those of the kernel's header", { skip: !existsSync("/usr/include/linux/capability.h") }, () => {
  const header = readFileSync("/usr/include/linux/capability.h", "utf8");
  for (const [, name, number] of header.matchAll(/^#define CAP_([A-Z_]+)\s+(\d+)$/gm)) {
    assert.equal(capabilityNames[Number(number)], name);
  }
});
