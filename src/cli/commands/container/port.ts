import type { PortMap } from "../../../wire/container.ts";
import { say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError } from "../../errors.ts";

export default command({
  usage: "CONTAINER [PRIVATE_PORT[/PROTO]]",
  about: "List port mappings or a specific mapping for the container",
  aliases: ["container port", "port"],
  flags: {},
  args: [1, 2],
  async run(cli, { args: [name = "", wanted] }) {
    const { NetworkSettings } = await cli.engine.get<{ NetworkSettings?: { Ports?: PortMap | null } }>(
      `/containers/${slug(name)}/json`,
    );
    const ports = NetworkSettings?.Ports ?? {};
    if (wanted !== undefined) {
      const [port = "", protocol = "tcp"] = wanted.split("/");
      if (!/^\d+$/.test(port))
        throw new CliError(`Error: invalid port (${port}): invalid port '${port}': invalid syntax`);
      const bindings = ports[`${port}/${protocol}`];
      if (!bindings?.length) throw new CliError(`Error: No public port '${wanted}' published for ${name}`);
      for (const { HostIp, HostPort } of bindings) say(cli, joined(HostIp, HostPort));
      return undefined;
    }
    const lines = Object.entries(ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map(({ HostIp, HostPort }) => `${port} -> ${joined(HostIp, HostPort)}`),
    );
    for (const line of lines.sort(byPort)) say(cli, line);
    return undefined;
  },
});

const joined = (ip: string, port: string) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);
const byPort = (a: string, b: string) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1);
