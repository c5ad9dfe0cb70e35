import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMeminfo, parseNetDev } from "./proc-host.ts";

test("meminfo is in bytes", () => {
  const memory = parseMeminfo("MemTotal:        2048 kB\nHugePages_Total:       3\nActive(anon):      1 kB\n");
  assert.equal(memory.MemTotal, 2048 * 1024);
  assert.equal(memory.HugePages_Total, 3);
  assert.equal(memory["Active(anon)"], 1024);
});

test("interface counters, also when the number touches the colon", () => {
  const header =
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  const counters = parseNetDev(
    `${header}  eth0:123456789    2    3    4    0     0          0         0     5    6    7    8    0     0       0          0\n`,
  );
  assert.deepEqual(counters, {
    __proto__: null,
    eth0: {
      rxBytes: 123456789,
      rxPackets: 2,
      rxErrors: 3,
      rxDropped: 4,
      txBytes: 5,
      txPackets: 6,
      txErrors: 7,
      txDropped: 8,
    },
  });
});
