import { type Cli, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { containerFlags } from "../../options/container-flags.ts";
import { type CreateBody, createBody } from "../../options/create-body.ts";
import { checkSupported } from "../../options/supported.ts";
import { attachContainer } from "../../run/attach-container.ts";
import { checkPull, createContainer } from "../../run/create-container.ts";
import { failure } from "../../run/failure.ts";
import { waitExit } from "../../run/wait-exit.ts";
import { streamHijacked } from "../../streams/hijacked.ts";
import { forwardSignals } from "../../streams/signals.ts";
import { checkTerminal, followSize } from "../../streams/terminal.ts";

export default command({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  about: "Create and run a new container from an image",
  aliases: ["container run", "run"],
  flags: {
    ...containerFlags,
    detach: bool("detach,d", "Run container in background and print container ID"),
    detachKeys: text("detach-keys", "Override the key sequence for detaching a container"),
    pull: text("pull", 'Pull image before running ("always", "missing", "never")', { fallback: "missing" }),
    sigProxy: bool("sig-proxy", "Proxy received signals to the process", { fallback: true }),
  },
  args: [1, Infinity],
  passThrough: true,
  async run(cli, { flags, given, args }) {
    await checkSupported(cli, given);
    let body: CreateBody;
    try {
      checkPull(flags.pull);
      body = createBody(flags, given, args);
    } catch (error) {
      throw failure(cli, "run", error, 125);
    }
    if (flags.detach) {
      if (flags.attach.length) throw new CliError("conflicting options: cannot specify both --attach and --detach");
      Object.assign(body, { AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false });
    } else checkTerminal(cli, body.AttachStdin, body.Tty);
    const created = await createContainer(cli, body, flags).catch((error: unknown) => {
      throw failure(cli, "run", error);
    });
    return runCreated(cli, created.id, body, flags);
  },
});

type RunFlags = { detachKeys: string; rm: boolean; sigProxy: boolean };

async function runCreated(cli: Cli, id: string, body: CreateBody, flags: RunFlags): Promise<number> {
  const stdin = body.AttachStdin;
  const stdout = body.AttachStdout;
  const stderr = body.AttachStderr;
  const stopSignals = flags.sigProxy ? forwardSignals(cli, id) : () => {};
  // The order is docker's and matters: attached before the start no output is missed, waiting before it no exit is.
  const attached =
    stdin || stdout || stderr
      ? await attachContainer(cli, id, { stdin, stdout, stderr, detachKeys: flags.detachKeys })
      : undefined;
  const exit = stdout || stderr || flags.rm ? await waitExit(cli, id, flags.rm ? "removed" : "next-exit") : undefined;
  if (!stdout && !stderr) say(cli, id);
  const streamed =
    attached && streamHijacked(cli, attached, { stdin, stdout, stderr, tty: body.Tty, detachKeys: flags.detachKeys });
  streamed?.catch(() => {});
  try {
    (await cli.engine.open("POST", `/containers/${id}/start`)).resume();
  } catch (error) {
    attached?.socket.destroy();
    await streamed?.catch(() => {});
    if (flags.rm) await exit?.code;
    throw failure(cli, "run", error);
  }
  const stopResize = attached && body.Tty ? followSize(cli, `/containers/${id}`) : () => {};
  try {
    if ((await streamed) === "detached") return 0;
    return (stdout || stderr) && exit ? await exit.code : 0;
  } finally {
    stopResize();
    stopSignals();
  }
}
