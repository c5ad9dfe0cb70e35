import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cli, complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError, isNotFound } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";

/** The browser has read the file by then. */
const OPENING_MS = 10_000;

export default command({
  usage: "[OPTIONS]",
  about:
    "Print a link to the page, good for one sign-in within five minutes\n\nThe engine serves the page on a loopback address. From another machine: ssh -L 8420:127.0.0.1:8420 HOST, and --address 127.0.0.1:8420 here.",
  flags: {
    address: text(
      "address",
      "Loopback address to serve it on, as 127.0.0.1:8420 (default: where it is served, or any free port)",
    ),
    noOpen: bool("no-open", "Only print the link, open no browser"),
    format: text("format", "Format output: text or json", { fallback: "text" }),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    if (!["text", "json"].includes(flags.format))
      throw new CliError(`unknown format "${flags.format}": text and json are known`);
    const link = await ask(cli, flags.address);
    if (flags.format === "json") return void say(cli, JSON.stringify(link));
    say(cli, link.url);
    complain(cli, `The link is good for one sign-in, for ${link.seconds / 60} minutes.`);
    if (!flags.noOpen && canOpen(cli)) await openBrowser(cli, link.url);
    return undefined;
  },
});

async function ask(cli: Cli, address: string): Promise<{ url: string; seconds: number }> {
  try {
    return await cli.engine.post("/cloche/v1/ui", { body: address === "" ? {} : { address } });
  } catch (error) {
    if (isNotFound(error)) throw new CliError("this engine has no page: it is not Cloche, or an older one");
    throw error;
  }
}

/** A browser is not started as root, nor where there is no screen or nobody looks. */
function canOpen(cli: Cli): boolean {
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  return cli.out.isTTY === true && screen !== undefined && screen !== "" && process.getuid?.() !== 0;
}

/** By a file that only this user can read: the words of a command line are everybody's to see. */
async function openBrowser(cli: Cli, url: string): Promise<void> {
  const directory = mkdtempSync(join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), "cloche-ui-"));
  const file = join(directory, "open.html");
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}">`, { mode: 0o600 });
  const opened = await new Promise<boolean>((resolve) => {
    const child = spawn("xdg-open", [file], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
    child.unref();
  });
  if (!opened) complain(cli, "No browser could be opened: open the link yourself.");
  else await new Promise((resolve) => setTimeout(resolve, OPENING_MS));
  rmSync(directory, { recursive: true, force: true });
}
