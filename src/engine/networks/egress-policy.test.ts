import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEgress, rulesForName } from "./egress-policy.ts";

const parse = (text: string) => parseEgress(text, "cloche.egress");

test("addresses, networks and names are told apart, with and without ports", () => {
  assert.deepEqual(
    parse("10.0.0.0/8, 192.0.2.1:53/udp [2001:db8::/32]:80-90 2001:db8::1 Example.internal:443 *.example.com").map(
      ({ to, ports }) => [to, ports],
    ),
    [
      [{ cidr: "10.0.0.0/8", family: 4 }, undefined],
      [
        { cidr: "192.0.2.1", family: 4 },
        { first: 53, last: 53, proto: "udp" },
      ],
      [
        { cidr: "2001:db8::/32", family: 6 },
        { first: 80, last: 90 },
      ],
      [{ cidr: "2001:db8::1", family: 6 }, undefined],
      [{ name: "example.internal" }, { first: 443, last: 443 }],
      [{ name: "*.example.com" }, undefined],
    ],
  );
  assert.deepEqual(parse("none"), []);
});

test("what is none of them is refused with the entry and an example", () => {
  for (const text of [
    "10.0.0.0/40",
    "1.2.3",
    "1.2.3.4.5",
    "example.internal:0",
    "example.internal:70000",
    "example.internal:90-80",
    "a..b",
    "-a.b",
    "a b; drop",
    'x"y',
    "*.*.com",
    "[example.com]:1",
    "::1:443/tcp",
    "none,10.0.0.0/8:",
    "",
    " , ",
  ])
    assert.throws(() => parse(text), /^EngineError: cloche\.egress: /, text);
});

test("a name allows itself, a wildcard all below it, in any case", () => {
  const rules = parse("a.example, *.b.example, 10.0.0.0/8");
  assert.deepEqual(rulesForName(rules, "A.example"), [0]);
  assert.deepEqual(rulesForName(rules, "x.y.b.example"), [1]);
  for (const name of ["b.example", "xa.example", "a.example.evil", "xb.example"])
    assert.deepEqual(rulesForName(rules, name), [], name);
});
