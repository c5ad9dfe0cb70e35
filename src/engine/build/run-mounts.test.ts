import assert from "node:assert/strict";
import { test } from "node:test";
import { mountSourcesFrom, parseRunMount } from "./run-mounts.ts";

const parse = (text: string) => parseRunMount(text, "/here");

test("each type has its defaults", () => {
  assert.deepEqual(parse("target=/x"), { type: "bind", target: "/x", readonly: true, from: "", source: "/" });
  assert.deepEqual(parse("type=cache,target=/x"), {
    ...{ type: "cache", target: "/x", readonly: false, id: "/x", sharing: "shared", uid: 0, gid: 0, mode: 0o755 },
  });
  assert.deepEqual(parse("type=tmpfs,target=/x"), { type: "tmpfs", target: "/x", readonly: false, size: 0 });
  assert.deepEqual(parse("type=secret,id=a/key"), {
    ...{ type: "secret", target: "/run/secrets/key", id: "a/key", env: "", required: false },
    ...{ uid: 0, gid: 0, mode: 0o400 },
  });
});

test("every key, by all its names, in quotes and in any case", () => {
  assert.deepEqual(parse('TYPE=bind,"src=a, b",dst=sub,from=base,rw'), {
    ...{ type: "bind", target: "/here/sub", readonly: false, from: "base", source: "/a, b" },
  });
  assert.deepEqual(parse("type=Cache,destination=.,id=i,sharing=locked,mode=1770,uid=7,gid=8,ro=true"), {
    ...{ type: "cache", target: "/here", readonly: true, id: "i", sharing: "locked", uid: 7, gid: 8, mode: 0o1770 },
  });
  assert.deepEqual(parse("type=tmpfs,target=/t,size=2m"), {
    ...{ type: "tmpfs", target: "/t", readonly: false, size: 2 * 1024 * 1024 },
  });
  assert.deepEqual(parse("type=secret,target=/etc/key,required,mode=0440,uid=1"), {
    ...{ type: "secret", target: "/etc/key", id: "key", env: "", required: true, uid: 1, gid: 0, mode: 0o440 },
  });
  assert.deepEqual(parse("type=secret,id=key,env=KEY,required=false"), {
    ...{ type: "secret", target: "", id: "key", env: "KEY", required: false, uid: 0, gid: 0, mode: 0o400 },
  });
});

test("a source stays in what it is from, and the last of readonly and readwrite counts", () => {
  const readonly = (text: string) => {
    const mount = parse(`target=/x,${text}`);
    return mount.type === "bind" && mount.readonly;
  };
  assert.equal(readonly("rw,ro"), true);
  assert.equal(readonly("readonly=false"), false);
  assert.equal(readonly("readwrite=0"), true);
  const escaping = parse("source=../../etc,target=/x");
  assert.equal(escaping.type === "bind" && escaping.source, "/etc");
});

test("what is wrong is named", () => {
  for (const [text, message] of [
    ["", "failed to parse csv mounts: EOF"],
    ["type=volume,target=/x", /^unsupported mount type "volume": known are bind, cache, tmpfs, secret, ssh$/],
    ["type=bind,targt=/x", /^unexpected key 'targt' in 'targt=\/x': known are type, from, /],
    ["type=bind,target", "invalid field 'target' must be a key=value pair"],
    ["type=bind,target=/", 'invalid mount target "/"'],
    ["type=bind,target=/x,size=1m", "unexpected key 'size' for mount type 'bind': it is for tmpfs"],
    ["type=bind,target=/x,uid=1", /^unexpected key 'uid' for mount type 'bind'/],
    ["type=tmpfs,target=/x,size=much", "invalid value for size: much"],
    ["type=tmpfs,target=/x,from=a", "unexpected key 'from' for mount type 'tmpfs': it is for bind"],
    ["type=cache,target=/x,sharing=some", 'unsupported sharing value "some": known are shared, private, locked'],
    ["type=cache,target=/x,mode=9", "invalid value 9 for mode: wanted is an octal mode"],
    ["type=cache,target=/x,gid=4294967295", "invalid value 4294967295 for gid: wanted is a number"],
    ["type=cache,target=/x,from=a", /^'from=a' is not supported for mount type 'cache'/],
    ["type=bind,target=/x,ro=maybe", "invalid value for ro: maybe"],
    ["type=secret", "invalid secret mount. one of source, target required"],
    ["type=secret,id=a,source=b", "both source and id can't be set"],
    ["type=secret,id=a,env=A=B", "invalid value for env: A=B"],
    ["type=ssh", /^RUN --mount=type=ssh is not supported/],
  ] as const) {
    assert.throws(() => parse(text), { kind: "invalid", message }, text);
  }
});

test("the sources' names, each once, also where something else is wrong", () => {
  assert.deepEqual(
    mountSourcesFrom(["from=a,target=/x", "type=bind,from=b,target=/y", "target=/z", "from=a,target=/", '"', "from="]),
    ["a", "b"],
  );
});
