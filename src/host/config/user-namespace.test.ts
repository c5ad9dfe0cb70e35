import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { OptionError } from "./option-error.ts";
import { readUserNamespace } from "./user-namespace.ts";

const FILES = {
  passwd:
    "root:x:0:0::/:/bin/sh\ndockremap:x:990:990::/:/bin/false\nmary:x:1000:1000::/:/bin/sh\nbare:x:1001:1001::/:/bin/sh\n",
  group: "root:x:0:\ndockremap:x:990:\nmary:x:1000:\nstaff:x:50:\nbare:x:1001:\n",
  subuid: "# ids\ndockremap:100000:65536\nmary:200000:10\n1000:300000:5\n",
  subgid: "dockremap:100000:65536\nmary:200000:10\nstaff:400000:20\n",
};

function read(text: string) {
  const etc = mkdtempSync(join(tmpdir(), "cloche-ids-"));
  try {
    for (const [name, content] of Object.entries(FILES)) writeFileSync(join(etc, name), content);
    return readUserNamespace(text, etc);
  } finally {
    rmSync(etc, { recursive: true });
  }
}

test("default is dockremap; users and groups by name or number; ranges follow each other", () => {
  assert.deepEqual(read("default").uidMap, [{ containerId: 0, hostId: 100000, size: 65536 }]);
  assert.deepEqual(read("1000:staff"), {
    uidMap: [
      { containerId: 0, hostId: 200000, size: 10 },
      { containerId: 10, hostId: 300000, size: 5 },
    ],
    gidMap: [{ containerId: 0, hostId: 400000, size: 20 }],
  });
});

test("what is missing is named", () => {
  for (const [text, reason] of [
    ["nobody-here", /there is no user nobody-here/],
    ["mary:crew", /there is no group crew/],
    ["bare", /no subuid ranges found for user "bare"/],
    ["a:b:c", /it takes default, USER or USER:GROUP/],
  ] as const) {
    assert.throws(
      () => read(text),
      (error) => error instanceof OptionError && reason.test(error.message),
    );
  }
});
