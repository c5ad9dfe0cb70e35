import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, parseAddress, parseCidr, type Subnet } from "../../kernel/cidr.ts";
import { type AddressPool, chooseIpv6Subnet, chooseSubnet } from "./choose-subnet.ts";
import { createPool } from "./pool.ts";

const address = (text: string) => {
  const parsed = parseAddress(text);
  assert.ok(parsed);
  return parsed;
};
const subnets = (...texts: string[]): Subnet[] => texts.flatMap((text) => parseCidr(text)?.subnet ?? []);

test("the lowest free address is given; gateway, network, broadcast and auxiliary ones never", () => {
  const pool = createPool({ subnet: "10.9.0.0/29", gateway: "10.9.0.1", auxiliary: { router: "10.9.0.3" } });
  const take = () => formatAddress(pool.take());
  assert.deepEqual([take(), take(), take(), take()], ["10.9.0.2", "10.9.0.4", "10.9.0.5", "10.9.0.6"]);
  assert.throws(take, { message: "no available IPv4 addresses on this network's address pools" });
  pool.free(address("10.9.0.4"));
  assert.equal(take(), "10.9.0.4");
});

test("a chosen address is taken once", () => {
  const pool = createPool({ subnet: "10.9.0.0/24", gateway: "10.9.0.1" });
  pool.take(address("10.9.0.2"));
  assert.throws(() => pool.take(address("10.9.0.2")), { kind: "forbidden", message: "Address already in use" });
  assert.throws(() => pool.take(address("10.9.0.1")), { message: "Address already in use" });
  assert.equal(formatAddress(pool.take()), "10.9.0.3");
});

test("an ip-range limits what is given, not what may be chosen", () => {
  const pool = createPool({ subnet: "10.9.0.0/16", ipRange: "10.9.7.0/24", gateway: "10.9.0.1" });
  assert.equal(formatAddress(pool.take()), "10.9.7.0");
  assert.equal(formatAddress(pool.take(address("10.9.8.8"))), "10.9.8.8");
});

test("a gateway outside of the subnet is refused", () => {
  assert.throws(() => createPool({ subnet: "10.9.0.0/24", gateway: "10.8.0.1" }), { kind: "invalid" });
});

test("a subnet is chosen that nothing on the host overlaps", () => {
  const text = (used: Subnet[], pools: AddressPool[] = []) =>
    formatAddress({ family: 4, value: chooseSubnet(used, pools).base });
  assert.equal(text([]), "172.18.0.0");
  assert.equal(text(subnets("172.18.3.0/24", "172.19.0.0/16")), "172.20.0.0");
  assert.equal(text(subnets("172.16.0.0/12")), "192.168.0.0");
  assert.throws(() => chooseSubnet(subnets("0.0.0.0/0"), []), {
    message: "all predefined address pools have been fully subnetted",
  });
  const pools = [{ base: "10.200.0.0/23", prefixLength: 24 }];
  assert.equal(text(subnets("10.200.0.0/24"), pools), "10.200.1.0");
  assert.throws(() => text(subnets("10.200.0.0/16"), pools), /fully subnetted/);
  assert.match(chooseIpv6Subnet("0123456789abcdef"), /^fd01:2345:6789:abcd::\/64$/);
});
