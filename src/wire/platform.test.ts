import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePlatform, formatPlatform, hostPlatform, parsePlatform } from "./platform.ts";

const host = hostPlatform("x64");

test("--platform fills in what is missing from the host", () => {
  const parsed = ["linux", "arm64", "linux/aarch64", "linux/arm64/v8", "linux/arm", "linux/armhf", "x86_64"];
  assert.deepEqual(
    parsed.map((text) => formatPlatform(parsePlatform(text, host))),
    ["linux/amd64", "linux/arm64", "linux/arm64", "linux/arm64", "linux/arm/v7", "linux/arm/v7", "linux/amd64"],
  );
});

test("an unknown platform is refused with docker's text", () => {
  assert.throws(() => parsePlatform("foo", host), {
    message: '"foo": unknown operating system or architecture: invalid argument',
  });
  assert.throws(() => parsePlatform("a/b/c/d", host), { message: /invalid platform specifier/ });
});

test("the exact platform wins, then the highest one below it", () => {
  const offered = ["linux/arm/v5", "linux/arm/v6", "linux/amd64", "linux/arm/v8"].map((t) => parsePlatform(t, host));
  assert.equal(choosePlatform(offered, parsePlatform("linux/arm/v7", host)), 1);
  assert.equal(choosePlatform(offered, host), 2);
  assert.equal(choosePlatform(offered, parsePlatform("linux/s390x", host)), -1);
});
