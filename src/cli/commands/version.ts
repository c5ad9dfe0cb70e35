import { release } from "node:os";
import { arch, platform } from "node:process";
import type { Cli } from "../cli.ts";
import { command } from "../command.ts";
import { compactJson } from "../engine/json.ts";
import { CliError, textOf } from "../errors.ts";
import { text } from "../flags/flag.ts";
import { INSPECT_FORMAT } from "../help-texts.ts";
import { VERSION } from "../start.ts";
import { compileTemplate, type Template } from "../template/template.ts";
import { alignTabs } from "../text/table.ts";

type Component = { Name: string; Version?: string; Details?: Record<string, string> | null };
type Server = {
  Platform?: { Name?: string };
  Components?: Component[] | null;
  Version?: string;
  ApiVersion?: string;
  MinAPIVersion?: string;
  GitCommit?: string;
  Os?: string;
  Arch?: string;
  [other: string]: unknown;
};

export default command({
  usage: "[OPTIONS]",
  about: "Show the Docker version information",
  flags: { format: text("format,f", INSPECT_FORMAT) },
  args: [0, 0],
  async run(cli, { flags }) {
    const template = flags.format && flags.format !== "json" ? compiled(flags.format) : undefined;
    const answer = await askServer(cli);
    const client = clientOf(answer.server ? await cli.engine.apiVersion() : "1.51");
    if (flags.format) {
      const data = { Client: client, Server: answer.server ?? null };
      cli.out.write(`${template ? template(data) : compactJson(data)}\n`);
    } else cli.out.write(plain(client, answer.server));
    if ("error" in answer) throw new CliError(textOf(answer.error));
    return undefined;
  },
});

type Answer = { server: Server } | { server: undefined; error: unknown };

const askServer = (cli: Cli): Promise<Answer> =>
  cli.engine.get<Server>("/version").then(
    (server) => ({ server }),
    (error: unknown) => ({ server: undefined, error }),
  );

function clientOf(apiVersion: string) {
  const goArch = { x64: "amd64", ia32: "386" }[arch as string] ?? arch;
  return {
    Version: VERSION,
    ApiVersion: apiVersion,
    DefaultAPIVersion: "1.51",
    NodeVersion: process.version,
    Os: platform as string,
    Arch: goArch as string,
    KernelVersion: release(),
    Context: "default",
  };
}

function plain(client: ReturnType<typeof clientOf>, server: Server | undefined): string {
  const lines = [
    "Client:",
    ` Version:\t${client.Version}`,
    ` API version:\t${client.ApiVersion}${client.ApiVersion === client.DefaultAPIVersion ? "" : ` (downgraded from ${client.DefaultAPIVersion})`}`,
    ` Node version:\t${client.NodeVersion}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
  ];
  if (server) {
    lines.push("", `Server:${server.Platform?.Name ? ` ${server.Platform.Name}` : ""}`);
    for (const component of server.Components ?? []) lines.push(...componentLines(component));
  }
  return alignTabs(lines.map((line) => `${line}\n`).join(""), 20, 1);
}

function componentLines({ Name, Version = "", Details }: Component): string[] {
  const details = Details ?? {};
  if (Name !== "Engine") {
    const rest = Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1));
    return [` ${Name}:`, `  Version:\t${Version}`, ...rest.map(([key, value]) => `  ${key}:\t${value}`)];
  }
  const built = details.BuildTime ? new Date(details.BuildTime) : undefined;
  return [
    " Engine:",
    `  Version:\t${Version}`,
    `  API version:\t${details.ApiVersion} (minimum version ${details.MinAPIVersion})`,
    ...(details.GoVersion ? [`  Go version:\t${details.GoVersion}`] : []),
    `  Git commit:\t${details.GitCommit}`,
    `  Built:\t${built && !Number.isNaN(built.getTime()) ? built.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, (_a, d, day, m, y, t) => `${d} ${m} ${String(Number(day)).padStart(2)} ${t} ${y}`) : (details.BuildTime ?? "")}`,
    `  OS/Arch:\t${details.Os}/${details.Arch}`,
    `  Experimental:\t${details.Experimental}`,
  ];
}

function compiled(format: string): Template {
  try {
    return compileTemplate(format);
  } catch (error) {
    throw new CliError(`template parsing error: ${textOf(error)}`, 64);
  }
}
