/** "The world": a network namespace at the other end of a link of ours, with documentation addresses (RFC 5737, RFC 3849). */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";

/** Answers "outside CLIENT" on these TCP ports, IPv4 and IPv6. */
const SERVER = `
  const net = require("node:net");
  for (const port of process.argv.slice(1))
    net.createServer((s) => { s.on("error", () => {}); s.end("outside " + s.remoteAddress.replace("::ffff:", "")); }).listen(+port, "::");`;

export type Outside = {
  pid: number;
  /** Run a shell line in its network namespace; stdout and stderr. */
  run(line: string): Promise<string>;
  close(): Promise<void>;
};

/**
 * @param link the pair's near end, in this network namespace; it is made, and up
 * @param addresses of the far end, "192.0.2.1/24" …
 * @param ports of its server
 */
export async function openOutside({
  link,
  addresses,
  ports = [80],
}: {
  link: string;
  addresses: string[];
  ports?: number[];
}): Promise<Outside> {
  const child: ChildProcess = spawn("unshare", ["--net", process.execPath, "-e", SERVER, ...ports.map(String)], {
    stdio: "ignore",
  });
  const { pid = 0 } = child;
  const run = async (line: string) => {
    const outcome = await command("nsenter", [`--net=/proc/${pid}/ns/net`, "sh", "-c", line]);
    return (outcome.stdout + outcome.stderr).trim();
  };
  const port = (ports[0] ?? 80).toString(16).padStart(4, "0").toUpperCase();
  try {
    await set();
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  async function set(): Promise<void> {
    await until(() => readFileSync(`/proc/${pid}/net/tcp6`, "utf8").includes(`:${port} `), {
      what: "the world listens",
    });
    const made = await command("sh", [
      "-c",
      `ip link add ${link} type veth peer name far0 netns ${pid} && ip link set ${link} up`,
    ]);
    if (made.code !== 0) throw new Error(made.stderr);
    const said = await run(
      [
        "ip link set lo up",
        "ip link set far0 up",
        ...addresses.map((one) => `ip addr add ${one} dev far0${one.includes(":") ? " nodad" : ""}`),
      ].join(" && "),
    );
    if (said !== "") throw new Error(said);
  }
  return {
    pid,
    run,
    async close() {
      const ended = new Promise<void>((done) => child.once("exit", () => done()));
      child.kill("SIGKILL");
      await ended;
    },
  };
}
