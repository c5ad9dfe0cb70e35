import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveUser } from "./identity.ts";

const passwd = [
  "root:x:0:0:root:/root:/bin/sh",
  "# comment",
  "bob:x:1001:1002:Bob:/home/bob:/bin/sh",
  "bob:x:7:7:the second bob counts for nothing:/:/bin/sh",
  "big:x:4294967296:0::/:/bin/sh",
  "bad:x:zz:0::/:/bin/sh",
  "huge:x:1003:99999999999999999999::/:/bin/sh",
  "4294967296:x:0:0::/:/bin/sh",
  "0000:x:0:0::/:/bin/sh",
  "homeless:x:1005:1005:::",
].join("\n");
const group = "root:x:0:root\nbob:x:1002:\nextra:x:1003:bob,root\nmore:x:1004:\nbad:x:zz:\nhuge:x:4294967296:\n";
const resolve = (user: string, groupAdd: string[] = []) => resolveUser({ user, passwd, group, groupAdd });

// Each row is what dockerd 20.10 answers for these files.
for (const { user, groupAdd, expected } of [
  { user: "", expected: [0, 0, [0, 1003], "/root", "root"] },
  { user: "root", expected: [0, 0, [0, 1003], "/root", "root"] },
  { user: "0", expected: [0, 0, [0, 1003], "/root", "root"] },
  { user: "0:", expected: [0, 0, [0, 1003], "/root", "root"] },
  { user: "bob", expected: [1001, 1002, [1002, 1003], "/home/bob", "bob"] },
  { user: "1001", expected: [1001, 1002, [1002, 1003], "/home/bob", "bob"] },
  { user: "bob:more", expected: [1001, 1004, [1004], "/home/bob", "bob"] },
  { user: "bob:1005", expected: [1001, 1005, [1005], "/home/bob", "bob"] },
  { user: "1000:bob", expected: [1000, 1002, [1002], "/", ""] },
  { user: ":1004", expected: [0, 1004, [1004], "/root", "root"] },
  { user: "2147483647", expected: [2147483647, 0, [0], "/", ""] },
  { user: "homeless", expected: [1005, 1005, [1005], "/", "homeless"] },
  {
    user: "bob",
    groupAdd: ["more", "77", "extra"],
    expected: [1001, 1002, [1002, 1003, 1004, 77], "/home/bob", "bob"],
  },
] as const) {
  test(`--user "${user}"${groupAdd ? ` --group-add ${groupAdd}` : ""}`, () => {
    const { uid, gid, groups, home, name } = resolve(user, [...(groupAdd ?? [])]);
    assert.deepEqual([uid, gid, groups, home, name], expected);
  });
}

test("a number that passwd does not know gets group 0 and no other", () => {
  assert.deepEqual(resolve("1000"), { uid: 1000, gid: 0, groups: [0], home: "/", name: "" });
});

test("an image without passwd and group has numbers only", () => {
  const bare = (user: string) => resolveUser({ user, passwd: undefined, group: undefined, groupAdd: ["5"] });
  assert.deepEqual(bare("1000:1000"), { uid: 1000, gid: 1000, groups: [1000, 5], home: "/", name: "" });
  assert.deepEqual(bare(""), { uid: 0, gid: 0, groups: [0, 5], home: "/", name: "" });
  assert.throws(() => bare("bob"), /^InvalidInput: unable to find user bob: no matching entries in passwd file$/);
});

const range = /^InvalidInput: uids and gids must be in range 0-2147483647$/;
for (const user of ["2147483648", "4294967296", "99999999999999999999", "-1", "1000:4294967296", "bob:-7"]) {
  test(`--user ${user} is out of range, whatever passwd says`, () => assert.throws(() => resolve(user), range));
}
for (const user of ["big", "bad", "huge", "bob:huge", "bob:bad"]) {
  test(`--user ${user} is refused: its entry holds no usable id`, () => assert.throws(() => resolve(user), range));
}
for (const user of ["0000", "00", "+0", "-0", "01000"]) {
  test(`--user ${user} is refused: a number is written in one way`, () => {
    assert.throws(() => resolve(user), /^InvalidInput: invalid id/);
  });
}

test("unknown names are told as docker tells them", () => {
  assert.throws(() => resolve("alice"), { message: "unable to find user alice: no matching entries in passwd file" });
  assert.throws(() => resolve("bob:x"), { message: "unable to find group x: no matching entries in group file" });
  assert.throws(() => resolve("bob", ["x"]), { message: "unable to find group x: no matching entries in group file" });
  assert.throws(() => resolve("bob", ["99999999999"]), range);
});

test("a file of NIS remnants and broken lines does not stop a good user", () => {
  const odd = "+::::::\n:x:0:0::/:\nnocolon\n\n\0\nbob:x:5:6::/b:/bin/sh\r\n";
  assert.deepEqual(resolveUser({ user: "bob", passwd: odd, group: "+:::\n", groupAdd: [] }), {
    uid: 5,
    gid: 6,
    groups: [6],
    home: "/b",
    name: "bob",
  });
});
