import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeManifest, MEDIA } from "./manifest.ts";

const descriptor = { mediaType: MEDIA.ociLayerGzip, digest: `sha256:${"0".repeat(64)}`, size: 3 };
const image = { schemaVersion: 2, mediaType: MEDIA.ociManifest, config: descriptor, layers: [descriptor] };
const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [descriptor] };
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test("images and indexes are told apart", () => {
  assert.equal(decodeManifest(bytes(image), MEDIA.ociManifest).kind, "image");
  assert.equal(decodeManifest(bytes(index)).kind, "index");
});

const confused: Record<string, [unknown, string?]> = {
  "an index that is an image too": [{ ...index, config: descriptor, layers: [] }],
  "an image served as an index": [image, MEDIA.ociIndex],
  "an image that calls itself an index": [{ ...image, mediaType: MEDIA.ociIndex }],
  "a signed schema 1 manifest": [{ schemaVersion: 1, fsLayers: [] }],
  "no JSON": ["text"],
  "a negative size": [{ ...image, layers: [{ ...descriptor, size: -1 }] }],
  "a digest that is a path": [{ ...image, config: { ...descriptor, digest: "sha256:../../etc" } }],
  "more layers than a mount takes": [{ ...image, layers: Array(128).fill(descriptor) }],
};
for (const [what, [document, type]] of Object.entries(confused)) {
  test(`refused: ${what}`, () => {
    assert.throws(() => decodeManifest(bytes(document), type), { name: "ManifestError" });
  });
}
