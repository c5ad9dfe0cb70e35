/** The page in a real browser, against the kernel: each view, and what can be clicked in it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { shortIds } from "../../src/web/text.ts";
import type { CgroupsAnswer, PlanAnswer } from "../../src/wire/glass.ts";
import { ask } from "../glass/ask.ts";
import { importBusybox } from "../support/busybox.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import { faultsOf, goTo, signInLink, skip, type Visit, visit } from "./browser.ts";

let engine: TestEngine;
let seen: Visit;
let page: Page;

before(async () => {
  if (skip) return;
  engine = await startEngine();
  await importBusybox(engine);
  const run = (name: string, options: string[], ...command: string[]) =>
    engine.ok("run", "-d", "--name", name, ...options, "busybox", ...command);
  await run(
    "web",
    ["-m", "64m", "--cpus", "0.5", "-p", "127.0.0.1::80"],
    "sh",
    "-c",
    "httpd -f -p 80 & exec sleep 600",
  );
  await run("victim", [], "sh", "-c", "sleep 601 & sleep 602 & wait");
  await engine.docker("run", "--name", "eater", "-m", "16m", "busybox", "sh", "-c", "tail /dev/zero; exit 3");
  await engine.ok("create", "--name", "seedling", "busybox", "true");
  seen = await visit(engine);
  page = seen.page;
});
after(async () => {
  await seen?.browser.close();
  await engine?.stop();
});

const inspect = (name: string, what: string) => engine.ok("inspect", "-f", `{{${what}}}`, name);
const pidOf = async (name: string) => Number(await inspect(name, ".State.Pid"));
const heading = (name: string | RegExp) => page.getByRole("heading", { level: 1, name });
const button = (name: string | RegExp) => page.getByRole("button", { name });

test("the garden has every container, with its state and ports", { skip }, async () => {
  await heading("Containers").waitFor();
  for (const name of ["web", "victim", "eater", "seedling"]) await page.locator(".bed", { hasText: name }).waitFor();
  const words = async (name: string) => (await page.locator(".bed", { hasText: name }).textContent()) ?? "";
  assert.match(await words("eater"), /ended with 3, out of memory/);
  assert.match(await words("seedling"), /never started/);
  const port = await engine.ok("port", "web", "80");
  assert.ok((await words("web")).includes(`${port} → 80/tcp`));
  await page.locator(".bed", { hasText: "web" }).getByText("of 64 MiB").waitFor();
  await button(/^up 2/).click();
  await until(async () => (await page.locator(".bed").count()) === 2, { what: "only those that are up are shown" });
  await button(/^all 4/).click();
  await page.getByRole("searchbox").fill("seed");
  await until(async () => (await page.locator(".bed").count()) === 1, { what: "only the one looked for is shown" });
  await page.getByRole("searchbox").fill("nosuch");
  await page.getByText("No name or image has “nosuch” in it.").waitFor();
  await page.getByRole("searchbox").fill("");
});

test("a slider writes to the control group, and says what the kernel has", { skip }, async () => {
  await page.locator(".bed", { hasText: "web" }).click();
  await heading("web").waitFor();
  await page.getByRole("img", { name: /^CPU: .* of 0.50 CPUs/ }).waitFor();
  const slider = page.getByRole("slider", { name: /CPUs/ });
  await slider.press("ArrowLeft");
  await slider.press("ArrowLeft");
  await page.getByText("the kernel has: quota of 0.40 CPUs").waitFor();
  const node = await nodeOf("web");
  assert.equal((node?.cpu?.quota ?? 0) / (node?.cpu?.period ?? 1), 0.4);
  const memory = page.getByRole("slider", { name: /Memory/ });
  await memory.press("ArrowRight");
  await until(async () => ((await nodeOf("web"))?.memory?.limit ?? 0) > 64 * 1024 * 1024, {
    what: "the limit has grown",
  });
});

async function nodeOf(name: string) {
  const { body } = await ask<CgroupsAnswer>(engine.socket, "GET", "/cloche/v1/cgroups");
  return body.nodes.find(({ owner }) => owner === name);
}

test("pause, go on, stop, start, kill and remove do what they say, and ask before what cannot be undone", {
  skip,
}, async () => {
  await engine.ok("run", "-d", "--name", "toy", "--stop-timeout", "0", "busybox", "sleep", "600");
  await goTo(page, "containers/toy");
  await heading("toy").waitFor();
  const is = (state: string) =>
    until(async () => (await inspect("toy", ".State.Status")) === state, { what: `toy is ${state}` });
  await button("Pause").click();
  await is("paused");
  await button("Go on").click();
  await is("running");
  await button("Stop").click();
  await is("exited");
  await button("Start").click();
  await is("running");
  await button("Kill").click();
  await page.getByRole("dialog", { name: "Kill toy?" }).getByRole("button", { name: "Cancel" }).click();
  assert.equal(await inspect("toy", ".State.Status"), "running");
  await button("Kill").click();
  await page.getByRole("dialog").getByRole("button", { name: "Kill" }).click();
  await is("exited");
  assert.equal(await inspect("toy", ".State.ExitCode"), "137");
  await button("Remove").click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await until(async () => (await engine.docker("inspect", "toy")).code === 1, { what: "toy is gone" });
  await heading("Containers").waitFor();
});

test("the same process is lit on both sides, with its numbers as /proc has them", { skip }, async () => {
  const pid = await pidOf("victim");
  await goTo(page, "inside/victim");
  const inside = page.locator(`.inside .process[data-pid="${pid}"]`);
  await inside.waitFor();
  assert.equal(await inside.locator("b").textContent(), "1");
  assert.equal(await page.locator(".inside .process").count(), 3);
  await inside.hover();
  const outside = page.locator(`.outside .process.lit[data-pid="${pid}"]`);
  await outside.waitFor();
  assert.equal(await outside.locator("b").textContent(), String(pid));
  const numbers = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split(/\s+/) ?? [];
  await page.getByText(`${numbers.join(" ")} in /proc/${pid}/status`).waitFor();
  // By keyboard, from the other side.
  await outside.focus();
  await page.locator(`.inside .process.lit[data-pid="${pid}"]`).waitFor();
});

test("killed from inside PID 1 lives on; killed from outside it takes all others with it", { skip }, async () => {
  const pid = await pidOf("victim");
  await page.locator(`.inside .process[data-pid="${pid}"]`).click();
  const kill = async (side: string) => {
    await button(`kill from ${side}`).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^kill -KILL/ })
      .click();
  };
  await kill("inside");
  await page.getByText(/Nobody died: the kernel keeps PID 1/).waitFor();
  assert.ok(existsSync(`/proc/${pid}`));
  await kill("outside");
  await page.getByText(/3 processes have died/).waitFor();
  await page.getByText(/The container: ended with 137/).waitFor();
  assert.equal(existsSync(`/proc/${pid}`), false);
  assert.equal(await inspect("victim", ".State.Status"), "exited");
  await page.getByText("Nobody is inside").waitFor();
});

test("a plan is stepped through by buttons and by keys", { skip }, async () => {
  const { body: plan } = await ask<PlanAnswer>(engine.socket, "GET", "/cloche/v1/containers/web/plan");
  const rows = plan.phases.flatMap(({ rows }) => rows);
  await goTo(page, "plan/web");
  await page.getByText(`${plan.operations} kernel operations`).waitFor();
  const at = (number: number) => page.getByText(`${number} of ${rows.length} ·`).waitFor();
  await at(1);
  await button("Step forward").click();
  await at(2);
  await page.keyboard.press("ArrowRight");
  await at(3);
  const phase = rows.length - (plan.phases.at(-1)?.rows.length ?? 0) + 1;
  await page.keyboard.press("End");
  await at(rows.length);
  await page.keyboard.press("[");
  await page.keyboard.press("]");
  await at(phase);
  await page.keyboard.press("Home");
  await at(1);
  await button("Play").click();
  await page.getByText(new RegExp(`^[2-9] of ${rows.length} ·`)).waitFor();
  await button("Pause").click();
  const limit = rows.find(({ op }) => op.op === "write_file" && op.data === "67108864");
  await page.getByRole("listitem").filter({ hasText: 'Write "67108864"' }).first().click();
  // Ids are shortened for the eye; the button copies them whole.
  await page
    .getByText(shortIds(limit?.shell ?? "?"), { exact: false })
    .first()
    .waitFor();
  assert.equal(await page.getByText("Leave one out").count(), 0, "which only a lab's engine does");
});

test("a container that never ran has no plan, and says so", { skip }, async () => {
  await goTo(page, "plan/seedling");
  await page.getByText(/has not been started/).waitFor();
  await page.getByText("cloche start seedling").waitFor();
});

test("the tree of control groups has the limits of the kernel", { skip }, async () => {
  await goTo(page, "cgroups");
  const row = page.locator(".group", { hasText: "web" });
  await row.click();
  const node = await nodeOf("web");
  const path = node?.path ?? "?";
  await page.getByRole("region", { name: "The control group" }).getByText(path).waitFor();
  const file = [`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`, `/sys/fs/cgroup${path}/memory.max`].find(
    existsSync,
  );
  const bytes = Number(readFileSync(file ?? "?", "utf8"));
  assert.ok((await row.textContent())?.includes(`of ${Math.round(bytes / 1024 / 102.4) / 10}`.replace(/\.0$/, "")));
  await page.getByText("The same numbers as files").click();
  await page.getByText("memory.limit_in_bytes").first().waitFor();
});

test("a kill for memory has its report", { skip }, async () => {
  await goTo(page, "containers/eater");
  await button(/the report/).click();
  const dialog = page.getByRole("dialog", { name: "Killed for want of memory" });
  await dialog.getByText(/16 MiB, met \d+ times/).waitFor();
  await dialog.getByText(/PID 1 survived/).waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("an image shows its layers and their files", { skip }, async () => {
  await goTo(page, "images");
  const layers = page.getByRole("region", { name: "Layers" });
  await layers.getByRole("heading", { name: "busybox:latest" }).waitFor();
  await layers.getByText("/bin/busybox", { exact: true }).waitFor();
  await layers.getByText("-rwxr-xr-x").first().waitFor();
});

test("events appear as they happen", { skip }, async () => {
  await goTo(page, "events");
  const search = page.getByRole("searchbox");
  await search.fill("eater");
  await page.locator(".event", { hasText: "oom" }).first().waitFor();
  await search.fill("fly");
  await engine.ok("run", "--rm", "--name", "fly", "busybox", "true");
  for (const action of ["create", "start", "die", "destroy"])
    await page.locator(".event", { hasText: "fly" }).filter({ hasText: action }).first().waitFor();
  await search.fill("");
});

test("a terminal is a process in the container", { skip }, async () => {
  await goTo(page, "terminal/web");
  await button("Open (exec)").click();
  await page.getByText("sh runs.").waitFor();
  await page.keyboard.type("echo $((6*7)) > /tmp/typed\n");
  const typed = `/proc/${await pidOf("web")}/root/tmp/typed`;
  await until(() => existsSync(typed) && readFileSync(typed, "utf8") === "42\n", { what: "what was typed has run" });
  await page.keyboard.type("exit 7\n");
  await page.getByText("It has ended with status 7.").waitFor();
  await goTo(page, "terminal/seedling");
  await page.getByText("There is nothing to talk to").waitFor();
});

const PLACES = [
  ...[
    "containers",
    "containers/web",
    "containers/eater",
    "inside/web",
    "plan/web",
    "plan/seedling",
    "cgroups",
    "images",
  ],
  ...["events", "terminal/web", "containers/nosuch"],
];

test("axe finds no fault in any view, light and dark", { skip }, async () => {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const place of PLACES) {
      await goTo(page, place);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForTimeout(400);
      faults.push(
        ...(await faultsOf(page, colorScheme === "dark" ? ["color-contrast"] : [])).map(
          (fault) => `${place}, ${colorScheme}: ${fault}`,
        ),
      );
    }
  }
  assert.deepEqual(faults, []);
});

test("no view is wider than a phone, in large type neither", { skip }, async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const wide: string[] = [];
  for (const large of [false, true]) {
    if (large) await button("Large type").click();
    for (const place of PLACES) {
      await goTo(page, place);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForTimeout(150);
      const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
      if (width > 390) wide.push(`${place}${large ? ", large" : ""}: ${width}`);
    }
  }
  await button("Large type").click();
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.deepEqual(wide, []);
});

test("the browser has nothing to complain of", { skip }, () => {
  // Two that are none: the refusal that a view shows, and connections dropped as the interfaces of containers come and go.
  const real = seen.complaints.filter((text) => !/status of 409|ERR_NETWORK_CHANGED/.test(text));
  assert.deepEqual(real, []);
});

test("with nothing there, and with no engine, the page says so", { skip }, async () => {
  await engine.ok("rm", "-f", "web", "victim", "eater", "seedling");
  await goTo(page, "containers");
  await page.getByText("No containers yet").waitFor();
  for (const [place, words] of [
    ["inside", "Nothing runs"],
    ["plan", "No container, no plan"],
    ["cgroups", "No container has a control group"],
    ["terminal", "Nothing runs"],
  ] as const) {
    await goTo(page, place);
    await page.getByText(words).waitFor();
    await page.locator(".why code").waitFor();
  }
  await engine.crash();
  await page
    .getByText(/The engine does not answer/)
    .first()
    .waitFor();
  await engine.restart();
  const link = await signInLink(engine);
  await page.goto(link);
  await page
    .getByText("Nothing runs")
    .waitFor({ state: "detached" })
    .catch(() => {});
  await heading("Containers").waitFor();
});
