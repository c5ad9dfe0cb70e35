import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSeccompProfile } from "./decode.ts";

test("a profile comes out as it was written, with all 64 bits of its values", () => {
  const text = `{
    "defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": null }],
    "syscalls": [
      { "name": "mount", "action": "SCMP_ACT_ERRNO", "errnoRet": 13, "args": null },
      { "names": ["socket"], "action": "SCMP_ACT_KILL", "includes": { "caps": ["CAP_BPF"], "minKernel": "4.8" },
        "args": [{ "index": 1, "value": 18446744073709551615, "valueTwo": 1, "op": "SCMP_CMP_NE" }] }
    ] }`;
  assert.deepEqual(decodeSeccompProfile(text), {
    defaultAction: "SCMP_ACT_ALLOW",
    flags: ["SECCOMP_FILTER_FLAG_LOG"],
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: [] }],
    syscalls: [
      { names: ["mount"], action: "SCMP_ACT_ERRNO", errnoRet: 13, args: [] },
      {
        names: ["socket"],
        action: "SCMP_ACT_KILL",
        args: [{ index: 1, op: "SCMP_CMP_NE", value: (1n << 64n) - 1n, valueTwo: 1n }],
        includes: { caps: ["CAP_BPF"], minKernel: "4.8" },
      },
    ],
  });
});

test("a profile that says nothing asks for no filter", () => {
  for (const text of ["{}", '{"defaultAction":"","syscalls":[]}']) assert.equal(decodeSeccompProfile(text), undefined);
});

test("a profile that means nothing is refused in docker's words", () => {
  const refused: [string, RegExp][] = [
    ["", /Unexpected end of JSON input/],
    ["[]", /is not an object/],
    ['{"syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW"}]}', /unknown action undefined/],
    ['{"defaultAction":"SCMP_ACT_FLY"}', /unknown action "SCMP_ACT_FLY"/],
    ['{"defaultAction":"SCMP_ACT_NOTIFY"}', /no listener/],
    ['{"defaultAction":"SCMP_ACT_ALLOW","architectures":[],"archMap":[]}', /use either 'architectures' or 'archMap'/],
    [withRule('"name":"a","names":["b"],"action":"SCMP_ACT_ALLOW"'), /use either 'name' or 'names'/],
    [withRule('"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":6,"op":"SCMP_CMP_EQ"}]'), /index 6 is above 5/],
    [withRule('"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"op":"SCMP_CMP_LIKE"}]'), /unknown operator/],
    [withRule('"names":["a"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"x"}'), /invalid kernel version: x/],
    [withRule('"names":"a","action":"SCMP_ACT_ALLOW"'), /a list is expected/],
    [withRule('"names":["a"],"action":"SCMP_ACT_ERRNO","errnoRet":-1'), /a number is expected/],
  ];
  for (const [text, message] of refused) assert.throws(() => decodeSeccompProfile(text), { message }, text);
});

function withRule(rule: string): string {
  return `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{${rule}}]}`;
}
