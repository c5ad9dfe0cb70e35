import { type Cli, complain } from "../../cli.ts";
import { command } from "../../command.ts";
import { DOCKER_HUB, loginOf } from "../../engine/config-file.ts";
import { compactJson } from "../../engine/json.ts";
import { CliError, textOf } from "../../errors.ts";
import { text } from "../../flags/flag.ts";
import { clientInfo } from "../../format/client-version.ts";
import { type Info, infoLines } from "../../format/info.ts";
import { INSPECT_FORMAT } from "../../help-texts.ts";
import { compileTemplate } from "../../template/template.ts";

export default command({
  usage: "[OPTIONS]",
  about: "Display system-wide information",
  aliases: ["system info", "info"],
  flags: { format: text("format,f", INSPECT_FORMAT) },
  args: [0, 0],
  async run(cli, { flags }) {
    if (flags.format === "") return printInfo(cli);
    const template = flags.format === "json" ? compactJson : compiled(flags.format);
    const client = clientInfo(cli);
    try {
      const info = await cli.engine.get<Info>("/info");
      cli.out.write(`${template({ ...info, ClientInfo: client })}\n`);
      return undefined;
    } catch (error) {
      if (!flags.format.includes("ServerErrors") && flags.format !== "json") throw error;
      cli.out.write(`${template({ ServerErrors: [textOf(error)], ClientInfo: client })}\n`);
      return undefined;
    }
  },
});

function compiled(format: string) {
  try {
    const template = compileTemplate(format);
    return (data: unknown) => template(data);
  } catch (error) {
    throw new CliError(`template parsing error: ${textOf(error)}`, 64);
  }
}

async function printInfo(cli: Cli): Promise<undefined> {
  const client = clientInfo(cli);
  cli.out.write(
    `Client:\n Version:    ${client.Version}\n Context:    ${client.Context}\n Debug Mode: ${client.Debug}\n\nServer:\n`,
  );
  const info = await cli.engine.get<Info>("/info");
  const user = loginOf(cli.config, info.IndexServerAddress ?? DOCKER_HUB).username ?? "";
  cli.out.write(`${infoLines(info, user).join("\n")}\n\n`);
  for (const warning of info.Warnings ?? []) complain(cli, warning);
  return undefined;
}
