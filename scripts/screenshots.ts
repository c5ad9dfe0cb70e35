/** Pictures of the page: see scripts/screenshots. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { importBusybox } from "../tests/support/busybox.ts";
import { projectRoot, startEngine, type TestEngine } from "../tests/support/engine.ts";
import { goTo, visit } from "../tests/web/browser.ts";

type Shot = { name: string; place: string; before?: (page: Page) => Promise<unknown> };
type Theme = "light" | "dark";
type Size = { width: number; height: number };

const press = (name: string | RegExp) => (page: Page) => page.getByRole("button", { name }).click();
const play = async (page: Page) => {
  await press("Next phase")(page);
  for (let step = 0; step < 13; step++) await page.keyboard.press("ArrowRight");
};
const point = async (page: Page) => {
  await page.getByLabel("Which processes").selectOption("containers");
  const first = page.locator(".inside .process").first();
  // What is chosen stays so in other views: a second click would let it go.
  if ((await first.getAttribute("aria-pressed")) !== "true") await first.click();
};
const type = async (page: Page) => {
  await press("Open (exec)")(page);
  await page.getByText("sh runs.").waitFor();
  await page.keyboard.type("ps\ncat /proc/self/cgroup\n");
};

const README: [Shot, Theme][] = [
  [{ name: "containers", place: "containers" }, "light"],
  [{ name: "inside-outside", place: "inside/web", before: point }, "dark"],
  [{ name: "plan", place: "plan/web", before: play }, "light"],
  [{ name: "container", place: "containers/hungry" }, "dark"],
];
/** Every view, and what is seldom seen of them. */
const VIEWS: Shot[] = [
  { name: "containers", place: "containers" },
  { name: "container", place: "containers/hungry" },
  { name: "ended", place: "containers/eater" },
  { name: "report", place: "containers/eater", before: press(/the report/) },
  { name: "asked", place: "containers/web", before: press("Kill") },
  { name: "missing", place: "containers/nosuch" },
  { name: "inside", place: "inside/web", before: point },
  { name: "nobody", place: "inside/eater" },
  { name: "plan", place: "plan/web", before: play },
  { name: "no-plan", place: "plan/seedling" },
  { name: "cgroups", place: "cgroups" },
  { name: "images", place: "images" },
  { name: "events", place: "events" },
  { name: "terminal", place: "terminal/web", before: type },
  { name: "no-terminal", place: "terminal/frosted" },
];
/** With nothing there. */
const EMPTY: Shot[] = ["containers", "inside", "plan", "cgroups", "terminal"].map((place) => ({
  name: `empty-${place}`,
  place,
}));
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };
/** Time for a minute's curve to have some length. */
const GROWING_MS = 45_000;

const [folder, ...names] = process.argv.slice(2);
const engine = await startEngine(folder === undefined ? [] : ["--lab"]);
try {
  await plant(engine);
  const { browser, page } = await visit(engine);
  try {
    await goTo(page, "containers/hungry");
    await page.waitForTimeout(GROWING_MS);
    if (folder === undefined) {
      for (const [shot, theme] of README) {
        await show(page, shot, theme, WIDE);
        await keepSmall(page, join(projectRoot, "docs/screenshots", `${shot.name}.webp`));
      }
    } else {
      mkdirSync(folder, { recursive: true });
      await takeAll(page, VIEWS);
      for (const id of (await engine.ok("ps", "-aq")).split("\n")) await engine.ok("rm", "-f", id);
      await takeAll(page, EMPTY);
    }
  } finally {
    await browser.close();
  }
} finally {
  await engine.stop();
}

/** Containers in every state. */
async function plant(engine: TestEngine): Promise<void> {
  await importBusybox(engine);
  const run = (name: string, options: string[], ...command: string[]) =>
    engine.ok("run", "-d", "--name", name, ...options, "busybox", ...command);
  const busy = "while :; do i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done; sleep 0.3; done";
  const eating =
    "while :; do dd if=/dev/zero of=/dev/shm/x bs=1M count=$((20 + $$ % 9)); sleep 3; rm /dev/shm/x; sleep 2; done";
  await run("pinger", [], "ping", "127.0.0.1");
  await run(
    "web",
    ["-m", "64m", "--cpus", "0.5", "-p", "127.0.0.1::80"],
    "sh",
    "-c",
    `httpd -f -p 80 & sleep 9000 & ${busy}`,
  );
  await run("worker", ["--cpus", "0.2", "-m", "96m", "--pids-limit", "64"], "sh", "-c", busy);
  await run("hungry", ["-m", "48m", "--cpus", "1"], "sh", "-c", eating);
  await run("frosted", [], "sleep", "9000");
  await engine.ok("pause", "frosted");
  await engine.docker("run", "--name", "eater", "-m", "16m", "busybox", "sh", "-c", "tail /dev/zero; exit 1");
  await engine.ok("create", "--name", "seedling", "busybox", "true");
}

/** Each in both themes and widths, as long as it is: on a phone most of a view is below the edge. */
async function takeAll(page: Page, shots: Shot[]): Promise<void> {
  for (const size of [WIDE, NARROW])
    for (const theme of ["light", "dark"] as const)
      for (const shot of shots) {
        if (names.length > 0 && !names.includes(shot.name)) continue;
        await show(page, shot, theme, size);
        const path = join(resolve(folder ?? "."), `${shot.name}-${size.width}-${theme}.png`);
        await page.screenshot({ path, fullPage: true });
        await page.keyboard.press("Escape");
        console.log(path);
      }
}

async function show(page: Page, { place, before }: Shot, theme: Theme, size: Size): Promise<void> {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await goTo(page, place);
  await page.waitForTimeout(2000);
  await before?.(page);
  await page.waitForTimeout(1500);
}

async function keepSmall(page: Page, path: string): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality: 80 });
  await browser.detach();
  writeFileSync(path, Buffer.from(data, "base64"));
  console.log(path);
}
