import { rmSync, writeFileSync } from "node:fs";
import type { Cli } from "../../cli.ts";
import { command } from "../../command.ts";
import { loginOf } from "../../engine/config-file.ts";
import { CliError } from "../../errors.ts";
import type { Values } from "../../flags/flag.ts";
import { buildFlags } from "../../options/build-flags.ts";
import { toMap } from "../../options/key-value-files.ts";
import { buildContext } from "../../run/build-context.ts";
import { showProgress } from "../../streams/progress.ts";
import { humanSize } from "../../text/size.ts";

export default command({
  usage: "[OPTIONS] PATH | URL | -",
  about: "Build an image from a Dockerfile",
  aliases: ["image build", "build", "builder build"],
  flags: buildFlags,
  args: [1, 1],
  async run(cli, { flags, args: [path = ""] }) {
    if (flags.iidfile !== "") rmSync(flags.iidfile, { force: true });
    const context = await buildContext(path, flags.file, cli.in);
    const reply = await cli.engine.open("POST", "/build", {
      query: queryOf(flags, context.dockerfile),
      headers: { "X-Registry-Config": logins(cli) },
      stream: context.stream,
    });
    let id = "";
    let told = flags.quiet;
    const out = flags.quiet ? undefined : cli.out;
    // In quiet answers the one line is the id.
    await showProgress(
      reply,
      out,
      (aux) => (id = idOf(aux) || id),
      (text) => {
        if (!told) cli.out.write(`Sending build context to Docker daemon  ${humanSize(context.sent()).padStart(7)}\n`);
        told = true;
        if (flags.quiet) id = text.trim();
      },
    );
    if (flags.quiet) cli.out.write(`${id}\n`);
    if (flags.iidfile === "") return undefined;
    if (id === "") throw new CliError(`server did not provide an image ID. Cannot write ${flags.iidfile}`);
    writeFileSync(flags.iidfile, id);
    return undefined;
  },
});

function queryOf(flags: Values<typeof buildFlags>, dockerfile: string) {
  const some = (value: string | number) => value || undefined;
  const args = flags.buildArg.map((arg): [string, string | null] => {
    const at = arg.indexOf("=");
    return at < 0 ? [arg, process.env[arg] ?? null] : [arg.slice(0, at), arg.slice(at + 1)];
  });
  const json = (value: object) => (Object.keys(value).length > 0 ? JSON.stringify(value) : undefined);
  return {
    buildargs: json(Object.fromEntries(args)),
    cachefrom: json(flags.cacheFrom),
    cgroupparent: some(flags.cgroupParent),
    cpuperiod: some(flags.cpuPeriod),
    cpuquota: some(flags.cpuQuota),
    cpusetcpus: some(flags.cpusetCpus),
    cpusetmems: some(flags.cpusetMems),
    cpushares: some(flags.cpuShares),
    // As docker builds wherever it has buildx; the engine takes the same Dockerfiles by this protocol.
    dialect: process.env.DOCKER_BUILDKIT === "0" ? undefined : "buildkit",
    dockerfile,
    extrahosts: flags.addHost.length > 0 ? flags.addHost : undefined,
    forcerm: flags.forceRm || undefined,
    labels: json(toMap(flags.label)),
    memory: some(flags.memory),
    memswap: some(flags.memorySwap),
    networkmode: flags.network === "default" ? undefined : some(flags.network),
    nocache: flags.noCache || undefined,
    platform: some(flags.platform.toLowerCase()),
    pull: flags.pull || undefined,
    q: flags.quiet || undefined,
    rm: flags.rm ? undefined : false,
    securityopt: flags.securityOpt.length > 0 ? flags.securityOpt : undefined,
    shmsize: some(flags.shmSize),
    squash: flags.squash || undefined,
    t: flags.tag.length > 0 ? flags.tag : undefined,
    target: some(flags.target),
    ulimits: json(flags.ulimit),
    version: "1",
  };
}

/** Of all registries: the Dockerfile tells which are needed. */
function logins({ config }: Cli): string {
  const auths = Object.keys(config.contents().auths ?? {}).map((server) => [server, loginOf(config, server)]);
  return Buffer.from(JSON.stringify(Object.fromEntries(auths))).toString("base64url");
}

function idOf(aux: unknown): string {
  const id = typeof aux === "object" && aux !== null && "ID" in aux ? aux.ID : undefined;
  return typeof id === "string" ? id : "";
}
