/** What a browser must fetch for the first view. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { projectRoot } from "../support/engine.ts";

const root = join(projectRoot, "dist/web");

test("the first view is below 200 KB, zipped", () => {
  const index = readFileSync(join(root, "index.html"), "utf8");
  const files = [...index.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path = ""]) => path);
  assert.ok(files.some((path) => path.endsWith(".js")) && files.some((path) => path.endsWith(".css")));
  const size = ["index.html", ...files].reduce((sum, path) => sum + gzipSync(readFileSync(join(root, path))).length, 0);
  assert.ok(size < 200_000, `${size} bytes`);
});

test("the page has nothing inline that its policy would refuse", () => {
  const index = readFileSync(join(root, "index.html"), "utf8");
  assert.doesNotMatch(index, /<style|<script(?![^>]*\bsrc=)|\son\w+=|style=/);
});
