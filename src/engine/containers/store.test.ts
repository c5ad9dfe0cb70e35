import assert from "node:assert/strict";
import { test } from "node:test";
import { aRecord } from "./fixtures.ts";
import { inventName } from "./names.ts";
import { createStore } from "./store.ts";

const store = () =>
  createStore({
    records: { save() {}, delete() {}, loadAll: () => [] },
    newStreams: () => ({ wanted: false, bind() {}, abandon() {} }),
  });
const idOf = (start: string) => start.padEnd(64, "0");

test("found by id, name with and without slash, and a prefix that is unique", () => {
  const containers = store();
  containers.add(aRecord({ id: idOf("abc1"), name: "one" }));
  containers.add(aRecord({ id: idOf("abd2"), name: "two" }));
  for (const ref of [idOf("abc1"), "one", "/one", "abc"]) assert.equal(containers.find(ref).record.name, "one", ref);
  assert.throws(() => containers.find("ab"), {
    kind: "invalid",
    message: "multiple IDs found with provided prefix: ab",
  });
  assert.throws(() => containers.find("on"), { kind: "not-found", message: "No such container: on" });
  assert.throws(() => containers.find(""), { kind: "not-found" });
});

test("a name never hides an id, and a prefix never hides a name", () => {
  const containers = store();
  containers.add(aRecord({ id: idOf("abc1"), name: "first" }));
  containers.add(aRecord({ id: idOf("abd2"), name: idOf("abc1") }));
  containers.add(aRecord({ id: idOf("123"), name: "abc1" }));
  assert.equal(containers.find(idOf("abc1")).record.name, "first");
  assert.equal(containers.find("abc1").record.id, idOf("123"));
});

test("a name is taken from the moment it is asked for", () => {
  const containers = store();
  containers.reserveName("/one", idOf("a"));
  assert.throws(() => containers.reserveName("one", idOf("b")), {
    kind: "conflict",
    message: `Conflict. The container name "/one" is already in use by container "${idOf("a")}". You have to remove (or rename) that container to be able to reuse that name.`,
  });
  assert.throws(() => containers.find("one"), { kind: "not-found" });
  containers.releaseName("one");
  assert.equal(containers.reserveName("one", idOf("b")), "one");
});

test("names that docker refuses are refused with its text", () => {
  for (const name of ["-", "a", "a b", "a/b", "é1", "_x"]) {
    assert.throws(() => store().reserveName(name, "x"), {
      kind: "invalid",
      message: `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    });
  }
});

test("an invented name is free and valid", () => {
  const containers = store();
  assert.match(containers.reserveName("", "x"), /^[a-z]+_[a-z]+$/);
  const taken = new Set([
    inventName(
      () => false,
      () => 0,
    ),
  ]);
  assert.match(
    inventName(
      (name) => taken.has(name),
      () => 0,
    ),
    /^[a-z]+_[a-z]+\d+$/,
  );
});
