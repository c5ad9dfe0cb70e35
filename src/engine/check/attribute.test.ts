import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, type Known, type KnownContainer } from "./attribute.ts";
import type { Thing } from "./things.ts";

const running = "a".repeat(64);
const stopped = "b".repeat(64);
const gone = "c".repeat(64);
const foreign = "d".repeat(64);

function container(id: string, more: Partial<KnownContainer> = {}): KnownContainer {
  return { id, name: id.slice(0, 1), running: false, changing: false, hostInterfaces: [], ports: [], ...more };
}

function known(more: Partial<Known> = {}): Known {
  return {
    containers: [
      container(running, { running: true, hostInterfaces: ["veth1"], ports: [{ proto: "tcp", port: 8080 }] }),
      container(stopped),
    ],
    beingMade: () => false,
    volumes: new Set(["data"]),
    networks: [{ id: "n1", name: "bridge", links: ["cloche0", "dm-0123456789ab"] }],
    layers: new Map(),
    blobs: new Map(),
    ...more,
  };
}

function states(things: Thing[], what = known()): string[] {
  return attribute(things, what).map(({ State, Owner }) => (Owner ? `${State} ${Owner.Type} ${Owner.Name}` : State));
}

const cgroup = (id: string): Thing => ({
  kind: "cgroup",
  name: `/sys/fs/cgroup/docker/${id}`,
  ours: false,
  claim: { type: "run", id },
});
const directory = (id: string): Thing => ({
  kind: "directory",
  name: `/data/containers/${id}`,
  ours: true,
  claim: { type: "container", id },
});

test("a cgroup is its running container's, an orphan if the container does not run", () => {
  assert.deepEqual(states([cgroup(running), cgroup(stopped)]), ["owned container a", "orphan"]);
});

test("a cgroup of an id that this engine does not know is left alone: another engine may share the parent", () => {
  assert.deepEqual(states([cgroup(foreign)]), ["unknown"]);
});

test("a cgroup of an id that has left files with this engine is an orphan", () => {
  assert.deepEqual(states([cgroup(gone), directory(gone)]), ["orphan", "orphan"]);
});

test("a directory of a container that is just being made is no orphan", () => {
  assert.deepEqual(states([directory(gone)], known({ beingMade: (id) => id === gone })), ["unknown"]);
});

test("what a step of a build has in memory is no orphan while its id is reserved", () => {
  const secret: Thing = { kind: "directory", name: `/run/${gone}`, ours: true, claim: { type: "run", id: gone } };
  assert.deepEqual(states([secret], known({ beingMade: (id) => id === gone })), ["unknown"]);
  assert.deepEqual(states([secret]), ["orphan"]);
});

test("what a start may be making is no orphan while one is under way", () => {
  const veth: Thing = { kind: "interface", name: "veth2", ours: true, claim: { type: "endpoint", name: "veth2" } };
  assert.deepEqual(states([veth]), ["orphan"]);
  const starting = known({ containers: [container(stopped, { changing: true })] });
  assert.deepEqual(states([veth, cgroup(stopped)], starting), ["unknown", "unknown"]);
});

test("interfaces and published ports are those of running containers", () => {
  const things: Thing[] = [
    { kind: "interface", name: "veth1", ours: true, claim: { type: "endpoint", name: "veth1" } },
    { kind: "firewall", name: "tcp . 8080", ours: true, claim: { type: "port", proto: "tcp", port: 8080 } },
    { kind: "firewall", name: "udp . 8080", ours: true, claim: { type: "port", proto: "udp", port: 8080 } },
    { kind: "interface", name: "br-0123456789ab", ours: false, claim: { type: "link", name: "br-0123456789ab" } },
    { kind: "interface", name: "dm-0123456789ab", ours: false, claim: { type: "link", name: "dm-0123456789ab" } },
  ];
  assert.deepEqual(states(things), [
    "owned container a",
    "owned container a",
    "orphan",
    "unknown",
    "owned network bridge",
  ]);
});

test("a directory of a volume that is not listed is somebody's data, not an orphan", () => {
  const volume = (name: string): Thing => ({
    kind: "directory",
    name: `/v/${name}`,
    ours: true,
    claim: { type: "volume", name },
  });
  assert.deepEqual(states([volume("data"), volume("other")]), ["owned volume data", "unknown"]);
});
