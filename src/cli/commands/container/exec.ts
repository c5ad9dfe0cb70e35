import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";
import { bool, list, text } from "../../flags/flag.ts";
import { env } from "../../options/checks.ts";
import { environment, keyValues } from "../../options/key-value-files.ts";
import { streamHijacked } from "../../streams/hijacked.ts";
import { checkTerminal, followSize } from "../../streams/terminal.ts";

export default command({
  usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
  about: "Execute a command in a running container",
  aliases: ["container exec", "exec"],
  flags: {
    detach: bool("detach,d", "Detached mode: run command in the background"),
    detachKeys: text("detach-keys", "Override the key sequence for detaching a container"),
    env: list("env,e", "Set environment variables", env),
    envFile: list("env-file", "Read in a file of environment variables"),
    interactive: bool("interactive,i", "Keep STDIN open even if not attached"),
    privileged: bool("privileged", "Give extended privileges to the command"),
    tty: bool("tty,t", "Allocate a pseudo-TTY"),
    user: text("user,u", 'Username or UID (format: "<name|uid>[:<group|gid>]")'),
    workdir: text("workdir,w", "Working directory inside the container"),
  },
  args: [2, Infinity],
  passThrough: true,
  async run(cli, { flags, args: [name = "", ...words] }) {
    const variables = keyValues(flags.envFile, flags.env, environment);
    const { detach, tty, interactive } = flags;
    const how = { stdin: interactive && !detach, stdout: !detach, stderr: !detach, tty, detachKeys: flags.detachKeys };
    // A container that is not there is told before a terminal that is not, and no exec is left behind for either.
    await cli.engine.text("GET", `/containers/${slug(name)}/json`);
    if (!detach) checkTerminal(cli, how.stdin, tty);
    const size = tty ? [cli.out.rows ?? 0, cli.out.columns ?? 0] : undefined;
    const { Id } = await cli.engine.post<{ Id: string }>(`/containers/${slug(name)}/exec`, {
      body: {
        User: flags.user,
        Privileged: flags.privileged,
        Tty: tty,
        Detach: detach || undefined,
        ConsoleSize: size,
        AttachStdin: how.stdin,
        AttachStderr: how.stderr,
        AttachStdout: how.stdout,
        DetachKeys: flags.detachKeys,
        Env: variables.length ? variables : null,
        WorkingDir: flags.workdir,
        Cmd: words,
      },
    });
    const body = { Detach: detach, Tty: tty, ConsoleSize: size };
    if (detach) {
      await cli.engine.text("POST", `/exec/${Id}/start`, { body });
      return undefined;
    }
    const streams = await cli.engine.hijack(`/exec/${Id}/start`, { body });
    const stopResize = tty ? followSize(cli, `/exec/${Id}`) : () => {};
    try {
      if ((await streamHijacked(cli, streams, how)) === "detached") throw new CliError("read escape sequence");
    } finally {
      stopResize();
    }
    const { ExitCode } = await cli.engine.get<{ ExitCode?: number | null }>(`/exec/${Id}/json`);
    return ExitCode ?? 0;
  },
});
