import { createInterface } from "node:readline";
import { type Cli, complain, say } from "../cli.ts";
import { command } from "../command.ts";
import { DOCKER_HUB } from "../engine/config-file.ts";
import { readText } from "../engine/connection.ts";
import { CliError } from "../errors.ts";
import { bool, text } from "../flags/flag.ts";

export default command({
  usage: "[OPTIONS] [SERVER]",
  about: "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.",
  flags: {
    password: text("password,p", "Password or Personal Access Token (PAT)"),
    passwordStdin: bool("password-stdin", "Take the Password or Personal Access Token (PAT) from stdin"),
    username: text("username,u", "Username"),
  },
  args: [0, 1],
  async run(cli, { flags, args: [server] }) {
    if (flags.password) {
      complain(cli, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
      if (flags.passwordStdin) throw new CliError("--password and --password-stdin are mutually exclusive");
    }
    if (flags.passwordStdin && !flags.username)
      throw new CliError("the --password-stdin option requires --username to be set");
    const address = registryKey(server);
    const username = flags.username || (await ask(cli, "Username: ", true));
    const password = flags.passwordStdin
      ? (await readText(cli.in)).replace(/\r?\n$/, "")
      : flags.password || (await ask(cli, "Password: ", false));
    if (username === "" || password === "")
      throw new CliError(`${username === "" ? "username" : "password"} is required`);
    const reply = await cli.engine.post<{ Status?: string; IdentityToken?: string } | null>("/auth", {
      body: { username, password, serveraddress: address },
    });
    const token = reply?.IdentityToken;
    const saved = {
      auth: Buffer.from(`${username}:${token ? "" : password}`).toString("base64"),
      ...(token && { identitytoken: token }),
    };
    const contents = cli.config.contents();
    cli.config.save({ ...contents, auths: { ...contents.auths, [address]: saved } });
    complain(
      cli,
      `\nWARNING! Your credentials are stored unencrypted in '${cli.config.path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n`,
    );
    if (reply?.Status) say(cli, reply.Status);
    return undefined;
  },
});

/** config.json's key of a registry: Docker Hub has its own. */
export function registryKey(server: string | undefined): string {
  const name = (server ?? "").replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return name === "" || name === "docker.io" || name === "index.docker.io" || name === "registry-1.docker.io"
    ? DOCKER_HUB
    : name;
}

/** One line from the terminal. @param echo whether what is typed can be seen */
async function ask(cli: Cli, prompt: string, echo: boolean): Promise<string> {
  if (!cli.in.isTTY) throw new CliError("Error: Cannot perform an interactive login from a non TTY device");
  cli.out.write(prompt);
  const lines = createInterface({ input: cli.in, ...(echo && { output: cli.out }), terminal: true });
  const answer = await new Promise<string>((resolve) => {
    lines.once("line", resolve).once("close", () => resolve(""));
  });
  lines.close();
  if (!echo) cli.out.write("\n");
  return answer.trim();
}
