import assert from "node:assert/strict";
import { test } from "node:test";
import { meminfoBytes, netDevLines, parseNetDevLine } from "./proc-host.ts";

test("meminfo is in bytes; what a kernel does not tell is undefined", () => {
  const text = "MemTotal:        2048 kB\nMemAvailable:   7 kB\nActive(anon):      1 kB\n";
  assert.equal(meminfoBytes(text, "MemTotal"), 2048 * 1024);
  assert.equal(meminfoBytes(text, "MemAvailable"), 7 * 1024);
  assert.equal(meminfoBytes(text, "Available"), undefined);
  assert.equal(meminfoBytes("", "MemTotal"), undefined);
});

test("interface counters, also when the number touches the colon", () => {
  const header =
    "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
  const lines = netDevLines(
    `${header}  eth0:123456789    2    3    4    0     0          0         0     5    6    7    8    0     0       0          0\n`,
  );
  assert.deepEqual(lines.map(parseNetDevLine), [
    {
      name: "eth0",
      counters: {
        rxBytes: 123456789,
        rxPackets: 2,
        rxErrors: 3,
        rxDropped: 4,
        txBytes: 5,
        txPackets: 6,
        txErrors: 7,
        txDropped: 8,
      },
    },
  ]);
});
