/** A lab's engine on the page: what leaks without each step of a plan. An ordinary engine's page has none of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { STEPS } from "../../src/isolation/without.ts";
import { LAB_ANNOTATION } from "../../src/wire/glass.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { faultsOf, goTo, skip, type Visit, visit } from "./browser.ts";

let engine: TestEngine;
let seen: Visit;
let page: Page;

before(async () => {
  if (skip) return;
  engine = await startEngine(["--lab"]);
  await importBusybox(engine);
  const run = (name: string, ...options: string[]) =>
    engine.ok("run", "-d", "--name", name, ...options, "busybox", "sleep", "600");
  await run("whole", "-m", "64m", "--cpus", "0.5", "--pids-limit", "64");
  await run("bare", "--annotation", `${LAB_ANNOTATION}=seccomp,masked-paths`);
  seen = await visit(engine);
  page = seen.page;
});
after(async () => {
  await seen?.browser.close();
  await engine?.stop();
});

const panel = () => page.getByRole("region", { name: "Leave one out" });
const card = (step: string) =>
  panel()
    .getByRole("listitem")
    .filter({ hasText: new RegExp(`^${step} `) });

test("every step has what leaks without it, and the command that shows it", { skip }, async () => {
  await goTo(page, "plan/whole");
  await panel().waitFor();
  for (const { name, leaks } of STEPS) await card(name).getByText(`Without it, ${leaks}.`).waitFor();
  await card("seccomp").getByText("Try it").click();
  await card("seccomp").getByText("cloche container explain --without seccomp busybox").waitFor();
  await page.getByText("was started without").waitFor({ state: "detached" });
});

test("a step leads to its operations, and these say what they are for", { skip }, async () => {
  await card("memory-limit").getByRole("button").click();
  const operation = page.getByRole("article", { name: "The operation" });
  await operation
    .getByText(/limit_in_bytes|memory\.max/)
    .first()
    .waitFor();
  await operation.getByText("it may use all memory of the host").waitFor();
  await card("pid-namespace").getByRole("button").click();
  // One clone makes all namespaces.
  for (const step of ["pid-namespace", "net-namespace", "uts-namespace", "ipc-namespace"])
    await operation.locator(".leaks").getByText(step).waitFor();
});

test("a container without a step says so, and what it never had is not called left out", { skip }, async () => {
  await goTo(page, "plan/bare");
  await page.getByText(/bare was started without seccomp, masked-paths/).waitFor();
  await card("seccomp").getByText("left out here").waitFor();
  await card("masked-paths").getByText("left out here").waitFor();
  await card("memory-limit").getByText("not in this plan").waitFor();
  await card("hostname")
    .getByRole("button", { name: /^operation \d+$/ })
    .waitFor();
});

test("axe finds no fault, and it is not wider than a phone", { skip }, async () => {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    faults.push(...(await faultsOf(page, [])));
  }
  assert.deepEqual(faults, []);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
  assert.deepEqual(seen.complaints, []);
});
