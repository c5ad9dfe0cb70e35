import assert from "node:assert/strict";
import { test } from "node:test";
import { tableName } from "./table-name.ts";

test("two engines never share a table, also without a default bridge", () => {
  const names = [
    tableName({ bridge: "cloche0", dataRoot: "/a" }),
    tableName({ bridge: "cloche1", dataRoot: "/b" }),
    tableName({ bridge: "none", dataRoot: "/a" }),
    tableName({ bridge: "none", dataRoot: "/b" }),
  ];
  assert.equal(new Set(names).size, names.length);
  assert.equal(names[0], "cloche_cloche0");
});
