/** Pictures of the page: see scripts/screenshots. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { importBusybox } from "../tests/support/busybox.ts";
import { projectRoot, startEngine, type TestEngine } from "../tests/support/engine.ts";
import { goTo, visit } from "../tests/web/browser.ts";

type Shot = { name: string; place: string; theme: "light" | "dark"; before?: (page: Page) => Promise<unknown> };

const play = async (page: Page) => {
  await page.getByRole("button", { name: "Next phase" }).click();
  for (let step = 0; step < 13; step++) await page.keyboard.press("ArrowRight");
};
const point = async (page: Page) => {
  await page.getByLabel("Which processes").selectOption("containers");
  await page.locator(".inside .process").first().click();
};
const type = async (page: Page) => {
  await page.getByRole("button", { name: "Open (exec)" }).click();
  await page.getByText("sh runs.").waitFor();
  await page.keyboard.type("ps\ncat /proc/self/cgroup\n");
};

const README: Shot[] = [
  { name: "containers", place: "containers", theme: "light" },
  { name: "inside-outside", place: "inside/web", theme: "dark", before: point },
  { name: "plan", place: "plan/web", theme: "light", before: play },
  { name: "container", place: "containers/hungry", theme: "dark" },
];
const VIEWS: Omit<Shot, "theme">[] = [
  { name: "containers", place: "containers" },
  { name: "container", place: "containers/hungry" },
  { name: "inside", place: "inside/web", before: point },
  { name: "plan", place: "plan/web", before: play },
  { name: "cgroups", place: "cgroups" },
  { name: "images", place: "images" },
  { name: "events", place: "events" },
  { name: "terminal", place: "terminal/web", before: type },
];
/** Time for a minute's curve to have some length. */
const GROWING_MS = 45_000;

const folder = process.argv[2];
const engine = await startEngine();
try {
  await plant(engine);
  const { browser, page } = await visit(engine);
  try {
    await goTo(page, "containers/hungry");
    await page.waitForTimeout(GROWING_MS);
    if (folder === undefined)
      await take(page, README, join(projectRoot, "docs/screenshots"), { width: 1440, height: 900 });
    else {
      for (const width of [1440, 390]) {
        for (const theme of ["light", "dark"] as const) {
          const shots = VIEWS.map((shot) => ({ ...shot, theme, name: `${shot.name}-${width}-${theme}` }));
          await take(page, shots, resolve(folder), { width, height: width > 600 ? 900 : 844 });
        }
      }
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

async function take(page: Page, shots: Shot[], to: string, size: { width: number; height: number }): Promise<void> {
  mkdirSync(to, { recursive: true });
  await page.setViewportSize(size);
  const browser = await page.context().newCDPSession(page);
  for (const { name, place, theme, before } of shots) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await goTo(page, place);
    await page.waitForTimeout(2500);
    await before?.(page);
    await page.waitForTimeout(2000);
    const { data } = await browser.send("Page.captureScreenshot", { format: "webp", quality: 80 });
    writeFileSync(join(to, `${name}.webp`), Buffer.from(data, "base64"));
    console.log(join(to, `${name}.webp`));
  }
}
