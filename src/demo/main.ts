/**
 * `./cloche demo`: the instructor's demo of process isolation, run for real on a private engine. Each expectation is checked
 * against the kernel or the API. Closes with `N passed, N failed`; exit status 0 only if none failed.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type DemoEngine, startDemoEngine } from "./engine.ts";
import { prepareImages } from "./images.ts";
import { createNarrator, execute } from "./narrator.ts";
import { exploringThePidNamespace } from "./part-one.ts";
import { imposingResourceLimits } from "./part-two.ts";
import type { Scene } from "./scene.ts";

const HELP = `Usage:  cloche demo [OPTIONS]

The demo of process isolation: PID namespaces and control groups, each step run for real and checked.

Options:
  --client cloche|docker   the command line that is typed (default cloche; docker: the unmodified docker CLI)
  --target ADDRESS         what the first container pings (default 127.0.0.1)
  --pull                   pull centos:7 and training/stress:2.1 from the registry instead of making stand-ins
  --registry-mirror URL    where --pull asks first
  --help                   this text
`;

process.exit(await main(process.argv.slice(2)));

async function main(argv: string[]): Promise<number> {
  const options = {
    client: { type: "string", default: "cloche" },
    target: { type: "string", default: "127.0.0.1" },
    pull: { type: "boolean", default: false },
    "registry-mirror": { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  let flags: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    flags = parseArgs({ args: argv, options }).values;
  } catch (error) {
    process.stderr.write(`cloche demo: ${(error as Error).message}\n${HELP}`);
    return 2;
  }
  if (flags.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (flags.client !== "cloche" && flags.client !== "docker") {
    process.stderr.write(`cloche demo: --client is cloche or docker, not "${flags.client}"\n`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    process.stderr.write(
      "cloche demo: it makes namespaces and cgroups of the host and so needs root: sudo ./cloche demo\n",
    );
    return 2;
  }
  return await perform({ ...flags, client: flags.client });
}

async function perform(flags: {
  client: "cloche" | "docker";
  target: string;
  pull: boolean;
  "registry-mirror"?: string;
}): Promise<number> {
  const demo = createNarrator((text) => process.stdout.write(text), process.stdout.isTTY);
  const registry = flags["registry-mirror"] ? ["--registry-mirror", flags["registry-mirror"]] : [];
  let engine: DemoEngine | undefined;
  let interrupted = false;
  const leave = () => {
    interrupted = true;
    void engine?.stop().finally(() => process.exit(130));
  };
  process.once("SIGINT", leave).once("SIGTERM", leave);
  try {
    engine = await startDemoEngine(flags.pull ? registry : ["--registry-loopback-only", ...registry]);
    const started = engine;
    process.env.CLOCHE_HOST = started.host;
    process.env.DOCKER_HOST = started.host;
    const client = [flags.client === "docker" ? "docker" : join(import.meta.dirname, "../../cloche")];
    const scene: Scene = {
      demo,
      engine: started,
      target: flags.target,
      images: await prepareImages(demo, client, flags.pull),
      docker: (words, show) =>
        demo.run([...client, ...words], { shown: `${flags.client} ${words.join(" ")}`, ...(show ? { show } : {}) }),
    };
    await exploringThePidNamespace(scene);
    await imposingResourceLimits(scene);
  } catch (error) {
    if (!interrupted) demo.check("the demo runs to its end", false, (error as Error).message);
  } finally {
    if (engine) await removeAll(engine);
  }
  process.stdout.write(
    `\n${demo.passed} passed, ${demo.failed} failed${demo.skipped > 0 ? `, ${demo.skipped} skipped` : ""}\n`,
  );
  return demo.failed > 0 || demo.passed === 0 ? 1 : 0;
}

async function removeAll(engine: DemoEngine): Promise<void> {
  const containers = await engine.get("/containers/json?all=1").catch(() => []);
  const ids = (containers as { Id: string }[]).map((container) => container.Id);
  const client = join(import.meta.dirname, "../../cloche");
  if (ids.length > 0) await execute([client, "container", "rm", "-f", ...ids]);
  await engine.stop();
}
