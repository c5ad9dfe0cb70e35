import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress, parseCidr } from "./cidr.ts";
import { defaultRoute, encodeRequests, newAddress } from "./netlink.ts";
import { decodeAttributes, decodeRequests, find } from "./netlink-decode.ts";
import { deleteLink, newIpvlan, newMacvlan, newVeth, setBridgePort, setLink } from "./netlink-link.ts";

// The numbers are linux/rtnetlink.h's and linux/if_link.h's, spelled out: a test must not share the tables it tests.
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");
const number = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array(4)).readUInt32LE();

test("every request asks for an ack, and is numbered", () => {
  const requests = decodeRequests(encodeRequests([setLink({ name: "lo", up: true }), deleteLink("x")]));
  assert.deepEqual(
    requests.map(({ name, sequence }) => [name, sequence]),
    [
      ["SETLINK", 1],
      ["DELLINK", 2],
    ],
  );
  for (const { flags } of requests) assert.equal(flags & 0x5, 0x5);
});

test("a veth pair: one end in the bridge, the other born in the container's namespace as eth0", () => {
  const [request] = decodeRequests(
    encodeRequests([
      newVeth(
        { name: "veth1234567", index: 77, mtu: 1400, up: true, master: 9 },
        { name: "eth0", index: 78, mac: "02:42:ac:12:00:02", namespace: { fd: 64 } },
      ),
    ]),
  );
  assert.ok(request);
  assert.equal(request.name, "NEWLINK");
  assert.equal(request.flags, 0x1 | 0x4 | 0x400 | 0x200);
  const header = Buffer.from(request.header);
  assert.deepEqual([header.readInt32LE(4), header.readUInt32LE(8), header.readUInt32LE(12)], [77, 1, 1]);
  assert.equal(text(find(request.attributes, 3)), "veth1234567\0");
  assert.equal(number(find(request.attributes, 4)), 1400);
  assert.equal(number(find(request.attributes, 10)), 9);
  const info = decodeAttributes(find(request.attributes, 18) ?? new Uint8Array());
  assert.equal(text(find(info, 1)), "veth\0");
  const peer = find(decodeAttributes(find(info, 2) ?? new Uint8Array()), 1);
  assert.ok(peer);
  assert.equal(Buffer.from(peer).readInt32LE(4), 78);
  const inner = decodeAttributes(peer.subarray(16));
  assert.equal(text(find(inner, 3)), "eth0\0");
  assert.equal(Buffer.from(find(inner, 1) ?? []).toString("hex"), "0242ac120002");
  assert.equal(number(find(inner, 28)), 64);
});

test("an address carries its prefix and broadcast; one of IPv6 skips duplicate detection", () => {
  const four = parseCidr("172.18.0.2/16");
  const six = parseCidr("fd00::2/64");
  assert.ok(four && six);
  const [first, second] = decodeRequests(
    encodeRequests([newAddress(5, four.address, four.subnet), newAddress(5, six.address, six.subnet)]),
  );
  assert.ok(first && second);
  assert.deepEqual([...first.header], [2, 16, 0, 0, 5, 0, 0, 0]);
  assert.deepEqual([...(find(first.attributes, 2) ?? [])], [172, 18, 0, 2]);
  assert.deepEqual([...(find(first.attributes, 4) ?? [])], [172, 18, 255, 255]);
  assert.deepEqual([...second.header], [10, 64, 2, 0, 5, 0, 0, 0]);
  assert.equal(find(second.attributes, 4), undefined);
});

test("the default route has a gateway and a link, and no destination", () => {
  const gateway = parseAddress("172.18.0.1");
  assert.ok(gateway);
  const [request] = decodeRequests(encodeRequests([defaultRoute(5, gateway)]));
  assert.ok(request);
  assert.equal(request.name, "NEWROUTE");
  assert.equal(request.header[1], 0);
  assert.deepEqual([...(find(request.attributes, 5) ?? [])], [172, 18, 0, 1]);
  assert.equal(number(find(request.attributes, 4)), 5);
  assert.equal(find(request.attributes, 1), undefined);
});

test("macvlan and ipvlan name their parent and mode", () => {
  const link = { name: "eth0", parent: 3, namespace: { pid: 42 } };
  const [macvlan, ipvlan] = decodeRequests(
    encodeRequests([newMacvlan({ ...link, mode: "bridge" }), newIpvlan({ ...link, mode: "l3", flag: "bridge" })]),
  );
  for (const request of [macvlan, ipvlan]) {
    assert.equal(number(find(request?.attributes ?? [], 5)), 3);
    assert.equal(number(find(request?.attributes ?? [], 19)), 42);
  }
  const data = (request: typeof macvlan) =>
    find(
      decodeAttributes(
        find(decodeAttributes(find(request?.attributes ?? [], 18) ?? new Uint8Array()), 2) ?? new Uint8Array(),
      ),
      1,
    );
  assert.deepEqual([...(data(macvlan) ?? [])], [4, 0, 0, 0]);
  assert.deepEqual([...(data(ipvlan) ?? [])], [1, 0]);
});

test("a bridge port's settings are marked as nested, or the kernel reads them as a state", () => {
  const [request] = decodeRequests(encodeRequests([setBridgePort(7, { isolated: true, hairpin: false })]));
  assert.equal(request?.header[0], 7);
  const port = decodeAttributes(find(request?.attributes ?? [], 0x800c) ?? new Uint8Array());
  assert.deepEqual(
    port.map(({ type, payload }) => [type, payload[0]]),
    [
      [4, 0],
      [33, 1],
    ],
  );
});

test("names that the kernel would refuse are refused here, and lengths that lead out when decoding", () => {
  for (const name of ["", "a-name-too-long-", "a/b", "a b", "a:b"])
    assert.throws(() => newVeth({ name, master: 1 }, { name: "eth0", namespace: { fd: 64 } }), RangeError, name);
  assert.throws(() => decodeRequests(new Uint8Array([200, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])), RangeError);
});
