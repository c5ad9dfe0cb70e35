import { type Cli, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { post, slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { checkSupported } from "../../options/supported.ts";
import { attachContainer } from "../../run/attach-container.ts";
import { waitExit } from "../../run/wait-exit.ts";
import { streamHijacked } from "../../streams/hijacked.ts";
import { forwardSignals } from "../../streams/signals.ts";
import { checkTerminal, followSize } from "../../streams/terminal.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Start one or more stopped containers",
  aliases: ["container start", "start"],
  flags: {
    attach: bool("attach,a", "Attach STDOUT/STDERR and forward signals"),
    checkpoint: text("checkpoint", "Restore from this checkpoint"),
    checkpointDir: text("checkpoint-dir", "Use a custom checkpoint storage directory"),
    detachKeys: text("detach-keys", "Override the key sequence for detaching a container"),
    interactive: bool("interactive,i", "Attach container's STDIN"),
  },
  args: [1, Infinity],
  async run(cli, { flags, given, args }) {
    await checkSupported(cli, given);
    if (!flags.attach && !flags.interactive) {
      const query = { checkpoint: flags.checkpoint || undefined, "checkpoint-dir": flags.checkpointDir || undefined };
      return startAll(cli, args, query);
    }
    if (args.length > 1) throw new CliError("you cannot start and attach multiple containers at once");
    return startAttached(cli, args[0] ?? "", flags);
  },
});

async function startAll(cli: Cli, names: string[], query: Record<string, string | undefined>): Promise<undefined> {
  const failed: string[] = [];
  for (const name of names) {
    try {
      await post(cli, `/containers/${slug(name)}/start`, query);
      say(cli, name);
    } catch (error) {
      cli.err.write(`${textOf(error)}\n`);
      failed.push(name);
    }
  }
  if (failed.length) throw new CliError(`Error: failed to start containers: ${failed.join(", ")}`);
  return undefined;
}

type Inspected = { Id: string; Config?: { Tty?: boolean; OpenStdin?: boolean }; HostConfig?: { AutoRemove?: boolean } };

async function startAttached(
  cli: Cli,
  name: string,
  flags: { attach: boolean; interactive: boolean; detachKeys: string },
): Promise<number> {
  const { Id, Config = {}, HostConfig = {} } = await cli.engine.get<Inspected>(`/containers/${slug(name)}/json`);
  const tty = Config.Tty ?? false;
  const stdin = flags.interactive && (Config.OpenStdin ?? false);
  checkTerminal(cli, stdin, tty);
  const stopSignals = tty ? () => {} : forwardSignals(cli, Id);
  const how = { stdin, stdout: true, stderr: true, detachKeys: flags.detachKeys, tty };
  const attached = await attachContainer(cli, Id, how);
  const exit = await waitExit(cli, Id, HostConfig.AutoRemove ? "removed" : "next-exit");
  const streamed = streamHijacked(cli, attached, how);
  streamed.catch(() => {});
  try {
    await post(cli, `/containers/${Id}/start`);
  } catch (error) {
    attached.socket.destroy();
    await streamed.catch(() => {});
    throw error;
  }
  const stopResize = tty ? followSize(cli, `/containers/${Id}`) : () => {};
  try {
    return (await streamed) === "detached" ? 0 : await exit.code;
  } finally {
    stopResize();
    stopSignals();
  }
}
