import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCreate } from "../../wire/decode-container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { mergeImage } from "./merge-image.ts";

const merge = (user: object, image: ImageConfig) => mergeImage(decodeCreate(user).config, image);
const command = (user: object, image: ImageConfig) => {
  const { Entrypoint, Cmd } = merge(user, image);
  return [...(Entrypoint ?? []), ...(Cmd ?? [])].join(" ");
};

test("entry point and command: the user's over the image's", () => {
  const stress = { Entrypoint: ["stress", "-v"], Cmd: ["--cpu", "1"] };
  assert.equal(command({}, stress), "stress -v --cpu 1");
  assert.equal(command({ Cmd: ["--vm", "2"] }, stress), "stress -v --vm 2");
  assert.equal(command({ Cmd: "--help" }, stress), "stress -v --help");
  // The image's command was meant for the image's entry point.
  assert.equal(command({ Entrypoint: ["sh"] }, stress), "sh");
  assert.equal(command({ Entrypoint: [""], Cmd: ["ls"] }, stress), "ls");
  assert.equal(command({ Entrypoint: [] }, stress), "stress -v --cpu 1");
  assert.throws(() => command({}, {}), { kind: "invalid", message: "no command specified" });
  assert.throws(() => command({ Entrypoint: [""] }, stress), { message: "no command specified" });
});

test("variables, labels, ports and volumes are united; the user's win", () => {
  const merged = merge(
    { Cmd: ["x"], Env: ["A=user", "B"], Labels: { a: "user" }, ExposedPorts: { "80": {} }, Volumes: { "/user": {} } },
    {
      Env: ["A=image", "B=image", "C=image"],
      Labels: { a: "image", b: "image" },
      ExposedPorts: { "53/udp": {} },
      Volumes: { "/image": {} },
    },
  );
  assert.deepEqual(merged.Env, ["A=user", "B", "C=image"]);
  assert.deepEqual(merged.Labels, { a: "user", b: "image" });
  assert.deepEqual(Object.keys(merged.ExposedPorts ?? {}).sort(), ["53/udp", "80/tcp"]);
  assert.deepEqual(Object.keys(merged.Volumes ?? {}).sort(), ["/image", "/user"]);
});

test("a health check's missing parts come from the image", () => {
  const image = { Cmd: ["x"], Healthcheck: { Test: ["CMD", "true"], Interval: 5e9, Retries: 2 } };
  assert.deepEqual(merge({}, image).Healthcheck, image.Healthcheck);
  assert.deepEqual(merge({ Healthcheck: { Retries: 9 } }, image).Healthcheck, { ...image.Healthcheck, Retries: 9 });
  assert.deepEqual(merge({ Healthcheck: { Test: ["NONE"] } }, image).Healthcheck?.Test, ["NONE"]);
});
