import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeReply } from "./replies.ts";

type Body = Record<string, unknown>;
const at = (minor: number, route: string, reply: unknown) => shapeReply(route, minor, reply) as Body;
const INSPECT = "GET /images/:name/json";

test("an image's configuration has a container's fields before 1.50", () => {
  const image = { Size: 5, Config: { Cmd: ["sh"] } };
  assert.deepEqual(at(50, INSPECT, image).Config, { Cmd: ["sh"] });
  const config = at(49, INSPECT, image).Config as Body;
  assert.deepEqual([config.Cmd, config.Hostname, config.AttachStdin, config.Volumes], [["sh"], "", false, null]);
});

test("ContainerConfig goes with 1.45, VirtualSize and the date of images without one with 1.44", () => {
  const image = { Size: 5, Config: null };
  assert.equal(at(45, INSPECT, image).ContainerConfig, undefined);
  assert.equal((at(44, INSPECT, image).ContainerConfig as Body).Tty, false);
  assert.equal(at(44, INSPECT, image).VirtualSize, undefined);
  assert.deepEqual([at(43, INSPECT, image).VirtualSize, at(43, INSPECT, image).Created], [5, "0001-01-01T00:00:00Z"]);
  assert.equal((at(43, "GET /system/df", { Images: [image] }).Images as Body[])[0]?.VirtualSize, 5);
});

test("lists of containers have annotations from 1.46 on", () => {
  const list = [{ Id: "a", HostConfig: { NetworkMode: "bridge", Annotations: { a: "b" } } }];
  assert.deepEqual(shapeReply("GET /containers/json", 46, list), list);
  assert.deepEqual(shapeReply("GET /containers/json", 45, list), [{ Id: "a", HostConfig: { NetworkMode: "bridge" } }]);
});
