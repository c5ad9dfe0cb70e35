import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { attachContainer } from "../../run/attach-container.ts";
import { waitExit } from "../../run/wait-exit.ts";
import { streamHijacked } from "../../streams/hijacked.ts";
import { forwardSignals } from "../../streams/signals.ts";
import { checkTerminal, followSize } from "../../streams/terminal.ts";

type Inspected = {
  Id: string;
  Config?: { Tty?: boolean; OpenStdin?: boolean };
  State?: { Running?: boolean; Paused?: boolean; Restarting?: boolean };
};

export default command({
  usage: "[OPTIONS] CONTAINER",
  about: "Attach local standard input, output, and error streams to a running container",
  aliases: ["container attach", "attach"],
  flags: {
    detachKeys: text("detach-keys", "Override the key sequence for detaching a container"),
    noStdin: bool("no-stdin", "Do not attach STDIN"),
    sigProxy: bool("sig-proxy", "Proxy all received signals to the process", { fallback: true }),
  },
  args: [1, 1],
  async run(cli, { flags, args: [name = ""] }) {
    const { Id, Config = {}, State = {} } = await cli.engine.get<Inspected>(`/containers/${slug(name)}/json`);
    if (!State.Running) throw new CliError("You cannot attach to a stopped container, start it first");
    if (State.Paused) throw new CliError("You cannot attach to a paused container, unpause it first");
    if (State.Restarting) throw new CliError("You cannot attach to a restarting container, wait until it is running");
    const tty = Config.Tty ?? false;
    const stdin = !flags.noStdin && (Config.OpenStdin ?? false);
    checkTerminal(cli, stdin, tty);
    const exit = await waitExit(cli, Id, undefined);
    const stopSignals = flags.sigProxy && !tty ? forwardSignals(cli, Id) : () => {};
    const how = { stdin, stdout: true, stderr: true, detachKeys: flags.detachKeys, tty };
    const attached = await attachContainer(cli, Id, how);
    const stopResize = tty ? followSize(cli, `/containers/${Id}`, true) : () => {};
    try {
      if ((await streamHijacked(cli, attached, how)) === "detached") throw new CliError("read escape sequence");
      return await exit.code;
    } finally {
      stopResize();
      stopSignals();
    }
  },
});
