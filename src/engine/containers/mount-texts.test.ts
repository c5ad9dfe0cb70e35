import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBind, parseMount, parseTmpfs } from "./mount-texts.ts";

test("-v: host paths are binds, other words are volumes, modes are read", () => {
  assert.deepEqual(parseBind("/host/../srv/:/in/:ro,rslave", "").point, {
    Type: "bind",
    Source: "/srv",
    Destination: "/in",
    Mode: "ro,rslave",
    RW: false,
    Propagation: "rslave",
  });
  assert.equal(parseBind("data:/in", "").point.Name, "data");
  assert.equal(parseBind("/in", "").detail.anonymous, true);
  assert.equal(parseBind("data:/in:nocopy", "").detail.noCopy, true);
});

test("a target cannot leave the container's root", () => {
  assert.equal(parseBind("data:/../../etc", "").point.Destination, "/etc");
  assert.throws(() => parseBind("/a:/..", ""), { kind: "invalid", message: /destination can't be '\/'/ });
  assert.throws(() => parseTmpfs({ "/": "" }), { message: "invalid specification: destination can't be '/'" });
});

test("docker's texts for what cannot be", () => {
  const refused: [string, string][] = [
    ["/a:/b:c:d", "invalid volume specification: '/a:/b:c:d'"],
    [":/b", "invalid volume specification: ':/b'"],
    ["/tmp:ro", "invalid volume specification: '/tmp:ro'"],
    ["/a:/b:ro,rw", "invalid mode: ro,rw"],
    ["a:/b", "create a: volume name is too short, names should be at least two alphanumeric characters"],
  ];
  for (const [text, message] of refused) assert.throws(() => parseBind(text, ""), { kind: "invalid", message });
});

test("--mount refuses a missing bind source, -v does not", () => {
  const missing = () => false;
  assert.throws(() => parseMount({ Type: "bind", Source: "/x", Target: "/in" }, missing), {
    message: 'invalid mount config for type "bind": bind source path does not exist: /x',
  });
  assert.equal(parseBind("/x:/in", "").detail.createSource, true);
  const made = parseMount(
    { Type: "bind", Source: "/x", Target: "/in", BindOptions: { CreateMountpoint: true } },
    missing,
  );
  assert.equal(made.detail.createSource, true);
});

test("a volume's subpath stays inside the volume", () => {
  for (const Subpath of ["/etc", "../x", "a/../../x"]) {
    assert.throws(
      () => parseMount({ Type: "volume", Source: "data", Target: "/in", VolumeOptions: { Subpath } }, () => true),
      { message: /subpath must be a relative path within the volume/ },
    );
  }
});

test("--mount type=tmpfs: size, mode and words", () => {
  const { detail } = parseMount(
    {
      Type: "tmpfs",
      Target: "/t",
      ReadOnly: true,
      TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777, Options: [["exec"]] },
    },
    () => true,
  );
  assert.deepEqual(detail.tmpfs, ["ro", "mode=1777", "size=1024", "exec"]);
});
