import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contains,
  formatAddress,
  formatSubnet,
  lastAddress,
  overlaps,
  parseAddress,
  parseCidr,
  type Subnet,
} from "./cidr.ts";

const subnet = (text: string): Subnet => {
  const parsed = parseCidr(text);
  assert.ok(parsed, text);
  return parsed.subnet;
};

test("addresses come back in their canonical form", () => {
  const forms: [string, string][] = [
    ["192.0.2.1", "192.0.2.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1::", "1::"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ];
  for (const [text, canonical] of forms) {
    const address = parseAddress(text);
    assert.ok(address, text);
    assert.equal(formatAddress(address), canonical);
  }
});

test("what is no address is refused", () => {
  for (const text of [
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    "0x1.2.3.4",
    ":",
    ":::",
    "1:2",
    "1::2::3",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "fe80::1%eth0",
    "1.2.3.4::",
  ])
    assert.equal(parseAddress(text), undefined, text);
  for (const text of ["1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "::/129", "1.2.3.4/8x", "/8"])
    assert.equal(parseCidr(text), undefined, text);
});

test("a subnet has no bits behind its prefix, and the address that was written is kept", () => {
  const parsed = parseCidr("172.18.5.1/16");
  assert.ok(parsed);
  assert.equal(formatSubnet(parsed.subnet), "172.18.0.0/16");
  assert.equal(formatAddress(parsed.address), "172.18.5.1");
  assert.equal(formatAddress({ family: 4, value: lastAddress(parsed.subnet) }), "172.18.255.255");
  assert.equal(formatSubnet(subnet("fd00:1::5/64")), "fd00:1::/64");
});

test("subnets overlap when one holds an address of the other, and never across families", () => {
  assert.ok(overlaps(subnet("10.0.0.0/8"), subnet("10.1.0.0/16")));
  assert.ok(overlaps(subnet("10.1.0.0/16"), subnet("0.0.0.0/0")));
  assert.ok(!overlaps(subnet("10.1.0.0/16"), subnet("10.2.0.0/16")));
  assert.ok(!overlaps(subnet("0.0.0.0/0"), subnet("::/0")));
  const address = parseAddress("10.1.255.255");
  assert.ok(address && contains(subnet("10.1.0.0/16"), address) && !contains(subnet("10.2.0.0/16"), address));
});
