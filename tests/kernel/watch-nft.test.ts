/** The watch on nftables: whose transaction it was, and that rules come back without it, too. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createFirewall } from "../../src/host/net/firewall.ts";
import { watchNft } from "../../src/host/net/watch-nft.ts";
import { command } from "../support/command.ts";
import { projectRoot } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { inOwnNetwork } from "./own-network.ts";

const launcher = join(projectRoot, "native/build/launcher");

inOwnNetwork(import.meta.url, () => {
  test("each transaction is told with the PID of its maker, a listing is not", async () => {
    const told: number[] = [];
    const watch = watchNft(launcher, { changed: (pid) => told.push(pid), lost: assert.fail });
    await until(() => told.length === 1, { what: "it is ready" });
    const nft = async (...words: string[]) => {
      const child = spawn("nft", words, { stdio: "ignore" });
      assert.deepEqual(await once(child, "close"), [0, null]);
      return child.pid;
    };
    const makers = [await nft("add", "table", "inet", "cloche_seen")];
    await nft("list", "ruleset");
    makers.push(await nft("flush", "ruleset"));
    await until(() => told.length === 3, { what: () => `three are told: ${told}` });
    assert.deepEqual(told.slice(1), makers);
    const [pid] = watchers();
    // What a container with the host's processes in sight could read of it is nothing, and the terminal's Ctrl-C is the engine's.
    assert.equal(readFileSync(`/proc/${pid}/environ`, "utf8"), "");
    assert.equal(Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3]), pid);
    watch.close();
    await until(() => watchers().length === 0, { what: `watch ${pid} ends` });
  });

  test("a watch that was killed is named, and what somebody flushes comes back all the same", async () => {
    const troubles: string[] = [];
    const firewall = createFirewall({ table: "cloche_kept", launcher }, (message) => troubles.push(message));
    const isThere = async () => (await command("nft", ["list", "table", "inet", "cloche_kept"])).code === 0;
    try {
      await firewall.setNetworks([], []);
      await command("nft", ["flush", "ruleset"]);
      await until(isThere);
      const restored = () => troubles.filter((message) => message.includes("they are restored")).length;
      await until(() => restored() === 1);
      assert.equal(troubles.length, 1);
      for (const pid of watchers()) process.kill(pid, "SIGKILL");
      await until(() => troubles.some((message) => message.includes("are not told (it ended with SIGKILL)")));
      await command("nft", ["flush", "ruleset"]);
      await until(isThere);
      await until(() => restored() === 2);
    } finally {
      await firewall.close({ remove: true });
    }
    assert.equal(await isThere(), false);
  });

  test("a program that cannot watch is told, once", async () => {
    const reasons: string[] = [];
    watchNft("/nowhere/launcher", { changed: () => assert.fail(), lost: (reason) => reasons.push(reason) });
    await until(() => reasons.length > 0);
    assert.match(reasons.join(), /^spawn \/nowhere\/launcher ENOENT$/);
  });
});

/** Ours: those whose parent is this process. */
function watchers(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/stat`, "utf8");
        return status.includes("(cloche:watch)") && Number(status.split(") ")[1]?.split(" ")[1]) === process.pid;
      } catch {
        return false;
      }
    });
}
