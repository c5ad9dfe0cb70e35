import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalString, familiarName, familiarString, parseReference, withDefaultTag, withTag } from "./reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

const canonical: Record<string, string> = {
  busybox: "docker.io/library/busybox:latest",
  "busybox:1.36": "docker.io/library/busybox:1.36",
  "team/app": "docker.io/team/app:latest",
  "index.docker.io/busybox": "docker.io/library/busybox:latest",
  "docker.io/library/busybox": "docker.io/library/busybox:latest",
  "localhost/app": "localhost/app:latest",
  "127.0.0.1:5000/team/app:v1": "127.0.0.1:5000/team/app:v1",
  "[::1]:5000/app:v1": "[::1]:5000/app:v1",
  "registry.example/a/b/c": "registry.example/a/b/c:latest",
  [`busybox@${DIGEST}`]: `docker.io/library/busybox@${DIGEST}`,
  [`busybox:1@${DIGEST}`]: `docker.io/library/busybox:1@${DIGEST}`,
  a__b: "docker.io/library/a__b:latest",
};
for (const [typed, full] of Object.entries(canonical)) {
  test(`${typed} means ${full}`, () => {
    assert.equal(canonicalString(withDefaultTag(parseReference(typed))), full);
  });
}

test("familiar names leave out what docker leaves out", () => {
  assert.equal(familiarString(parseReference("docker.io/library/busybox:1")), "busybox:1");
  assert.equal(familiarString(parseReference("docker.io/team/app:1")), "team/app:1");
  assert.equal(familiarName(parseReference("127.0.0.1:5000/library/app:1")), "127.0.0.1:5000/library/app");
});

const refused: Record<string, RegExp> = {
  "": /^invalid reference format$/,
  UPPER: /repository name must be lowercase/,
  "a..b": /^invalid reference format$/,
  "-a": /^invalid reference format$/,
  "a/../b": /^invalid reference format$/,
  "a:-x": /^invalid reference format$/,
  "a@sha256:zz": /^invalid reference format$/,
  [`a@sha256:${"a".repeat(40)}`]: /^invalid checksum digest length$/,
  [`a@md5:${"a".repeat(32)}`]: /^unsupported digest algorithm$/,
  ["f".repeat(64)]: /cannot specify 64-byte hexadecimal strings/,
  ["a".repeat(256)]: /must not be more than 255/,
};
for (const [typed, text] of Object.entries(refused)) {
  test(`${JSON.stringify(typed.slice(0, 30))} is refused`, () => {
    assert.throws(() => parseReference(typed), { message: text });
  });
}

test("a bad tag has its own text", () => {
  assert.throws(() => withTag(parseReference("busybox"), "-x"), { message: "invalid tag format" });
});
