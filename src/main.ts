/** `cloche engine` starts here: options, root, signals. What an engine is made of: composition/engine.ts. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pino } from "pino";
import { startEngine } from "./composition/engine.ts";
import { VERSION } from "./composition/version.ts";
import { engineHelp } from "./host/config/flags.ts";
import { OptionError } from "./host/config/option-error.ts";
import { changedOptions, type EngineOptions, readEngineOptions } from "./host/config/options.ts";

// No top-level await: the bundle of the engine is CommonJS, whose parts are loaded only when they are needed.
void main(process.argv.slice(2));

async function main(argv: string[]): Promise<void> {
  let options: EngineOptions | undefined;
  try {
    options = readEngineOptions(argv);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`cloche engine: ${error.message}\n`);
    process.exit(125);
  }
  if (options === undefined) {
    process.stdout.write(engineHelp());
    return;
  }
  if (process.getuid?.() !== 0) fail("the engine makes namespaces and cgroups of the host and so needs root");
  try {
    await serve(options, argv);
  } catch (error) {
    fail((error as Error).message);
  }
}

async function serve(options: EngineOptions, argv: string[]): Promise<void> {
  const log = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const engine = await startEngine(options, log);
  mkdirSync(dirname(options.pidfile), { recursive: true });
  writeFileSync(options.pidfile, `${process.pid}\n`);
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info(`stopping on ${signal}; containers go on`);
    void engine.close().then(
      () => {
        rmSync(options.pidfile, { force: true });
        process.exit(0);
      },
      (error) => fail((error as Error).message),
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  // Also what a terminal sends when it is closed: that must not end the engine.
  process.on("SIGHUP", () => reload(options, argv, log));
  // One broken connection or container must not take the others with it.
  process.on("uncaughtException", (error) => log.error({ err: error }, "unexpected error"));
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unexpected error"));
  log.info({ version: VERSION, hosts: options.hosts, dataRoot: options.dataRoot }, "the engine answers");
}

/**
 * The configuration read again: the level of the log changes at once. The rest is told to need a restart, which no container
 * notices. A file that cannot be read changes nothing.
 */
function reload(started: EngineOptions, argv: string[], log: pino.Logger): void {
  let options: EngineOptions | undefined;
  try {
    options = readEngineOptions(argv);
  } catch (error) {
    return void log.error(`SIGHUP: the configuration stays as it was: ${(error as Error).message}`);
  }
  if (options === undefined) return;
  log.level = options.logLevel;
  const waiting = changedOptions(started, options).filter((name) => name !== "logLevel");
  log.info(
    { logLevel: options.logLevel, ...(waiting.length > 0 && { waiting }) },
    waiting.length > 0
      ? "SIGHUP: the configuration is read again; what is waiting needs a restart of the engine, containers go on"
      : "SIGHUP: the configuration is read again",
  );
}

function fail(message: string): never {
  process.stderr.write(`cloche engine: ${message}\n`);
  process.exit(1);
}
