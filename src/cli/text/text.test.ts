import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesFromText } from "../../wire/size.ts";
import { duration, humanDuration } from "./duration.ts";
import { ellipsis, quote } from "./quote.ts";
import { familiarName, fullName } from "./reference.ts";
import { bytesSize, humanSize } from "./size.ts";
import { alignTabs } from "./table.ts";
import { timestamp } from "./timestamp.ts";

test("durations are told in round words", () => {
  const words = [0.5, 1, 59, 60, 119, 120, 3599, 5400, 36 * 3600, 3 * 86400, 20 * 86400, 70 * 86400, 800 * 86400].map(
    humanDuration,
  );
  assert.deepEqual(words, [
    "Less than a second",
    "1 second",
    "59 seconds",
    "About a minute",
    "About a minute",
    "2 minutes",
    "59 minutes",
    "2 hours",
    "36 hours",
    "3 days",
    "2 weeks",
    "2 months",
    "2 years",
  ]);
});

test("Go's durations are read", () => {
  assert.deepEqual(
    ["1h15m", "300ms", "1.5s", "-2s", "0"].map(duration),
    [4_500_000_000_000, 300_000_000, 1_500_000_000, -2_000_000_000, 0],
  );
  assert.throws(() => duration("5"), { message: 'time: missing unit in duration "5"' });
  assert.throws(() => duration("5x"), { message: 'time: unknown unit "x" in duration "5x"' });
});

test("sizes are read in powers of 1024 and shown with so many digits", () => {
  assert.deepEqual(["512", "1k", "1.5g", "64 kB", "2MiB"].map(bytesFromText), [512, 1024, 1610612736, 65536, 2097152]);
  assert.deepEqual(
    [0, 999, 1984123, 1e9].map((n) => humanSize(n)),
    ["0B", "999B", "1.984MB", "1GB"],
  );
  assert.deepEqual(
    [1984123, 123456].map((n) => humanSize(n, 3)),
    ["1.98MB", "123kB"],
  );
  assert.deepEqual([1536, 268435456].map(bytesSize), ["1.5KiB", "256MiB"]);
  assert.throws(() => bytesFromText("abc"), { message: "invalid size: 'abc'" });
});

test("columns are as wide as their widest cell, at least ten, three blanks apart", () => {
  assert.equal(
    alignTabs("ID\tNAME\tX\nabcdefghijkl\tb\tc\n"),
    "ID             NAME      X\nabcdefghijkl   b         c\n",
  );
});

test("texts are quoted and shortened as Go does", () => {
  assert.equal(quote('a"\n\x01é'), '"a\\"\\n\\x01é"');
  assert.equal(ellipsis("sleep 1000 and more of it", 20), "sleep 1000 and more…");
});

test("names are shown short and sent long", () => {
  assert.deepEqual(["busybox", "docker.io/library/a:b", "host:5000/x/y", "me/a"].map(familiarName), [
    "busybox:latest",
    "a:b",
    "host:5000/x/y:latest",
    "me/a:latest",
  ]);
  assert.deepEqual(["a:b", "me/a:b", "host:5000/a:b"].map(fullName), [
    "docker.io/library/a:b",
    "docker.io/me/a:b",
    "host:5000/a:b",
  ]);
  assert.throws(() => familiarName("Upper"), {
    message: "invalid reference format: repository name (library/Upper) must be lowercase",
  });
});

test("times are seconds, RFC 3339 or back from now", () => {
  assert.equal(timestamp("10m", 1_000_000_000_000), "999999400");
  assert.equal(timestamp("2020-01-02T03:04:05.5Z"), "1577934245.500000000");
  assert.equal(timestamp("1600000000"), "1600000000");
});
