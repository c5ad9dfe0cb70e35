/**
 * The same docker commands on Debian's dockerd and on Cloche, step by step. CLOCHE_SCENARIOS="run exec" chooses some.
 * It runs in a network namespace of its own, so that the engines' bridges have the same addresses in every run.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { dockerClients } from "../clients/clients.ts";
import { compareStep, type Difference } from "./compare.ts";
import { documentPath, renderDifferences } from "./document.ts";
import { type ComparedEngine, startCloche, startDockerd } from "./engines.ts";
import { explains, type KnownDifference, knownDifferences } from "./known-differences.ts";
import { createNormaliser } from "./normalise.ts";
import { readScenarios, type Scenario } from "./scenario.ts";

const skip = existsSync("/usr/sbin/dockerd") ? false : "dockerd is not installed";
/** What prelude.sh's kit builds with. */
const skipKit = (await dockerClients()).some(({ version }) => version.startsWith("20.10."))
  ? false
  : "no docker CLI 20.10, which is Debian's docker.io";
const usesKit = ({ steps }: Scenario) => steps.some(({ command }) => /\bkit(_only)?\b/.test(command));

if (process.env.CLOCHE_OWN_NETWORK === "1") defineTests();
else {
  const script = 'ip link set lo up && exec "$0" --disable-warning=ExperimentalWarning "$1"';
  const { status } = spawnSync("unshare", ["--net", "sh", "-c", script, process.execPath, import.meta.filename], {
    stdio: "inherit",
    env: { ...process.env, CLOCHE_OWN_NETWORK: "1" },
  });
  process.exitCode = status ?? 1;
}

function defineTests(): void {
  const names = (process.env.CLOCHE_SCENARIOS ?? "").split(" ").filter(Boolean);
  const used = new Set<KnownDifference>();
  let engines: { dockerd: ComparedEngine; cloche: ComparedEngine };

  before(async () => {
    if (skip !== false) return;
    const [dockerd, cloche] = await Promise.allSettled([startDockerd(), startCloche()]);
    if (dockerd.status === "fulfilled" && cloche.status === "fulfilled") {
      engines = { dockerd: dockerd.value, cloche: cloche.value };
      return;
    }
    for (const started of [dockerd, cloche]) if (started.status === "fulfilled") await started.value.stop();
    throw [dockerd, cloche].find((started) => started.status === "rejected")?.reason;
  });
  after(async () => {
    await engines?.cloche.stop();
    await engines?.dockerd.stop();
  });

  for (const scenario of readScenarios(names)) {
    test(`${scenario.name}: ${scenario.steps.length} steps`, {
      skip: skip || (usesKit(scenario) && skipKit),
    }, async () => {
      const differences = await compareScenario(scenario, engines.dockerd, engines.cloche);
      const unknown = differences.filter((difference) => {
        const known = knownDifferences.find((one) => explains(one, difference));
        if (known !== undefined) used.add(known);
        return known === undefined;
      });
      assert.equal(unknown.length, 0, `\n${report(unknown)}`);
    });
  }
  test("every known difference still occurs", {
    skip: skip || skipKit || (names.length > 0 && "not all scenarios were run"),
  }, () => {
    assert.deepEqual(
      knownDifferences.filter((known) => !used.has(known)).map((known) => known.what),
      [],
    );
  });
  test("docs/differences.md is made from the list", () => {
    assert.equal(
      readFileSync(documentPath, "utf8"),
      renderDifferences(),
      "run scripts/with-node tests/differential/document.ts",
    );
  });
}

/** The engines do not wait for each other: only the order of the steps on one engine matters. */
async function compareScenario(scenario: Scenario, dockerd: ComparedEngine, cloche: ComparedEngine) {
  const answers = await Promise.all(
    [dockerd, cloche].map(async (engine) => {
      const normaliser = createNormaliser(engine.places);
      const given = [];
      for (const step of scenario.steps) {
        const answer = await engine.run(step.command);
        // Neither may ask a registry (and neither has a way out): such a step is a mistake in the script.
        assert.doesNotMatch(answer.stdout + answer.stderr, /registry-1\.docker\.io/, step.command);
        given.push({ ...answer, normaliser });
      }
      return given;
    }),
  );
  return scenario.steps.flatMap((step, index) => {
    const [left, right] = [answers[0]?.[index], answers[1]?.[index]];
    return left === undefined || right === undefined ? [] : compareStep(scenario.name, step, left, right);
  });
}

function report(differences: Difference[]): string {
  return differences
    .map(({ scenario, step, where, dockerd, cloche }) =>
      [`${scenario}: ${step}`, `  ${where}`, `    dockerd: ${dockerd}`, `    cloche:  ${cloche}`].join("\n"),
    )
    .join("\n");
}
