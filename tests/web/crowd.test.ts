/** The page with fifty containers and hundreds of processes: what one looks for is found, and only what is in sight is drawn. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { goTo, skip, type Visit, visit } from "./browser.ts";

const PROCESSES = 500;
let engine: TestEngine;
let seen: Visit;
let page: Page;

before(async () => {
  if (skip) return;
  engine = await startEngine();
  await importBusybox(engine);
  const many = `i=1; while [ $i -lt ${PROCESSES} ]; do sleep 6000 & i=$((i+1)); done; exec sleep 6001`;
  await engine.ok("run", "-d", "--name", "hive", "busybox", "sh", "-c", many);
  await engine.ok("run", "-d", "--name", "lone", "busybox", "sleep", "6002");
  for (let at = 1; at <= 50; at++) await engine.ok("create", "--name", `box${at}`, "busybox", "true");
  seen = await visit(engine);
  page = seen.page;
});
after(async () => {
  await seen?.browser.close();
  await engine?.stop();
});

const search = () => page.getByRole("searchbox");
const processes = (side: string) => page.locator(`.${side} .process`);

test("fifty cards are small, in the order in which people count, and found by name", { skip }, async () => {
  await goTo(page, "containers");
  await until(async () => (await page.locator(".bed").count()) === 52, { what: "all are there" });
  const names = await page.locator(".bed strong").allTextContents();
  assert.deepEqual(names.slice(0, 2), ["hive", "lone"], "what runs is first");
  assert.deepEqual(names.slice(2, 5), ["box1", "box2", "box3"]);
  const height = async () => (await page.locator(".bed").first().boundingBox())?.height ?? 0;
  const small = await height();
  await search().fill("hive");
  await until(async () => (await page.locator(".bed").count()) === 1, { what: "one is left" });
  assert.ok((await height()) > small, "one alone has room");
  await search().fill("");
});

test("of five hundred processes those in sight are drawn, and all can be reached", { skip }, async () => {
  await goTo(page, "inside/hive");
  const list = page.getByRole("list", { name: "Processes as the container sees them" });
  await processes("inside").first().waitFor();
  await until(async () => (await list.evaluate((box) => box.scrollHeight)) > PROCESSES * 30, {
    what: "the list is long",
  });
  for (const side of ["inside", "outside"]) assert.ok((await processes(side).count()) < 60, side);
  await list.evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
  const last = processes("inside").filter({ has: page.getByText(String(PROCESSES), { exact: true }) });
  await last.waitFor();
  // Pointed at here, it is brought into sight there.
  await last.hover();
  const pid = await last.getAttribute("data-pid");
  await page.locator(`.outside .process.lit[data-pid="${pid}"]`).waitFor();
});

test("a process of the host is found among all by its command, and the list says how many fit", { skip }, async () => {
  await page.getByRole("searchbox", { name: "Find processes of the host" }).fill("sleep 6002");
  await until(async () => (await processes("outside").count()) === 1, { what: "one fits" });
  await page.getByText(/^1 of \d+ processes$/).waitFor();
  assert.match((await processes("outside").textContent()) ?? "", /lone/);
});

test("who has died stays for a while, where it stood", { skip }, async () => {
  await goTo(page, "inside/lone");
  await processes("inside").first().waitFor();
  // Only who was there for some seconds is worth it.
  await page.waitForTimeout(4000);
  await engine.ok("kill", "lone");
  await page.locator(".inside .process.dead").waitFor();
  await page.locator(".inside .process.dead").waitFor({ state: "detached" });
});

test("a control group is found in the tree by its name, with what it hangs on", { skip }, async () => {
  await goTo(page, "cgroups");
  await page.locator(".group", { hasText: "hive" }).waitFor();
  await search().fill("hiv");
  await page.locator(".group", { hasText: "hive" }).waitFor();
  await search().fill("nosuch");
  await page.getByText("No name or path has “nosuch” in it.").waitFor();
  await search().fill("");
});
