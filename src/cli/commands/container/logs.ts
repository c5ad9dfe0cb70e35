import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { bool, text } from "../../flags/flag.ts";
import { copy, demux } from "../../streams/demux.ts";
import { timestamp } from "../../text/timestamp.ts";

const WHEN = '(e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)';

export default command({
  usage: "[OPTIONS] CONTAINER",
  about: "Fetch the logs of a container",
  aliases: ["container logs", "logs"],
  flags: {
    details: bool("details", "Show extra details provided to logs"),
    follow: bool("follow,f", "Follow log output"),
    since: text("since", `Show logs since timestamp ${WHEN}`),
    tail: text("tail,n", "Number of lines to show from the end of the logs", { fallback: "all" }),
    timestamps: bool("timestamps,t", "Show timestamps"),
    until: text("until", `Show logs before a timestamp ${WHEN}`),
  },
  args: [1, 1],
  async run(cli, { flags, args: [name = ""] }) {
    // A terminal's log has no frames, and only the container itself knows that it had one.
    const { Id, Config } = await cli.engine.get<{ Id: string; Config?: { Tty?: boolean } }>(
      `/containers/${slug(name)}/json`,
    );
    const body = await cli.engine.open("GET", `/containers/${Id}/logs`, {
      query: {
        stdout: true,
        stderr: true,
        details: flags.details || undefined,
        follow: flags.follow || undefined,
        since: when("since", flags.since),
        tail: flags.tail,
        timestamps: flags.timestamps || undefined,
        until: when("until", flags.until),
      },
    });
    await (Config?.Tty ? copy(body, cli.out) : demux(body, cli.out, cli.err));
    return undefined;
  },
});

function when(flag: string, value: string): string | undefined {
  try {
    return value === "" ? undefined : timestamp(value);
  } catch (error) {
    throw new CliError(`invalid value for "${flag}": ${textOf(error)}`);
  }
}
