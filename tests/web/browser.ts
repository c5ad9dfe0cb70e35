/** One browser and one page for all tests of the page: signed in by a link of `cloche ui`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { type Browser, chromium, type Page } from "playwright-core";
import type { TestEngine } from "../support/engine.ts";
import { patience } from "../support/until.ts";

export const CHROMIUM = "/usr/bin/chromium";
/** The virtual machine of test-cgroup2 has no browser; everywhere else its absence is a fault of the set-up. */
export const skip = !existsSync(CHROMIUM) && hostname() === "cloche-vm" ? "no browser in this machine" : false;

export type Visit = {
  browser: Browser;
  page: Page;
  /** what the browser complained of: errors, breaches of the policy */
  complaints: string[];
};

/** Headless, with a new empty profile, and nothing that looks beyond this machine. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

export async function signInLink(engine: TestEngine): Promise<string> {
  const { stdout, stderr, code } = await engine.cloche("ui", "--no-open", "--format", "json");
  if (code !== 0) throw new Error(`cloche ui: ${stderr}`);
  return (JSON.parse(stdout) as { url: string }).url;
}

export async function visit(engine: TestEngine): Promise<Visit> {
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000 * patience);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`${error.message}\n${error.stack}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(await signInLink(engine));
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  return { browser, page, complaints };
}

/** To a view by its place in the address, as a link leads there. */
export async function goTo(page: Page, place: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${place}`)}`);
}

type Violation = { id: string; nodes: { html: string; failureSummary?: string }[] };
type WithAxe = typeof globalThis & { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } };

/** Faults that axe finds, in readable lines. @param rules only these; none: all */
export async function faultsOf(page: Page, rules: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    // By the browser's debugger: the page's policy would refuse a script element.
    const { readFileSync } = await import("node:fs");
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  }
  const options = rules.length > 0 ? { runOnly: { type: "rule", values: rules } } : {};
  const violations = await page.evaluate(
    async (options) => (await (globalThis as WithAxe).axe.run(options)).violations,
    options,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} — ${failureSummary?.replace(/\s+/g, " ")}`),
  );
}
