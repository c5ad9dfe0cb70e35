/** `container explain --without STEP`: the same container twice, whole and with a part of its isolation left out. */
import { setTimeout as delay } from "node:timers/promises";
import { LAB_ANNOTATION, type LabAnswer } from "../../../wire/glass.ts";
import { type Cli, say } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import type { CreateBody } from "../../options/create-body.ts";
import { alignTabs } from "../../text/table.ts";

/** A command that goes on is not waited for. */
const PATIENCE_MS = 30_000;
/** Of those who ask for none: without a limit there is nothing to leave out. */
const LIMITS = { Memory: 64 * 1024 * 1024, NanoCpus: 500_000_000, PidsLimit: 64 };

export async function showSteps(cli: Cli): Promise<undefined> {
  const { lab, steps } = await cli.engine.get<LabAnswer>("/cloche/v1/lab");
  say(cli, alignTabs(["STEP\tWITHOUT IT", ...steps.map(({ name, leaks }) => `${name}\t${leaks}`)].join("\n")));
  if (!lab)
    say(
      cli,
      "\nThis engine is no lab's: it leaves nothing out. Start one with cloche engine --lab, on sockets and roots of its own.",
    );
  return undefined;
}

export async function explainWithout(cli: Cli, step: string, asked: CreateBody): Promise<undefined> {
  const { steps } = await cli.engine.get<LabAnswer>("/cloche/v1/lab");
  const known = steps.find(({ name }) => name === step);
  if (!known) throw new CliError(`no step is called "${step}": there are ${steps.map(({ name }) => name).join(", ")}`);
  const body = withProbe(asked, known);
  // First the maimed one: an engine that is no lab's refuses it, and nothing has been made then.
  const left = await output(cli, {
    ...body,
    HostConfig: {
      ...body.HostConfig,
      ...(step === "net-namespace" && { NetworkMode: "host" }),
      Annotations: { ...body.HostConfig.Annotations, [LAB_ANNOTATION]: step },
    },
    ...(step === "net-namespace" && { NetworkingConfig: { EndpointsConfig: {} } }),
  });
  const whole = await output(cli, body);
  say(cli, `with all steps:\n${indented(whole)}\nwithout ${step}:\n${indented(left)}\n${known.leaks}`);
  return undefined;
}

/** The step's own look where no command was given. */
function withProbe(body: CreateBody, { name, look }: LabAnswer["steps"][number]): CreateBody {
  const { Memory, NanoCpus, PidsLimit, CpuQuota } = body.HostConfig;
  const HostConfig = {
    ...body.HostConfig,
    Memory: Memory || LIMITS.Memory,
    ...(!NanoCpus && !CpuQuota && { NanoCpus: LIMITS.NanoCpus }),
    PidsLimit: PidsLimit || LIMITS.PidsLimit,
    // On v1 hosts docker's default is none.
    ...(name === "cgroup-namespace" && { CgroupnsMode: "private" as const }),
    AutoRemove: false,
  };
  // A terminal's output is not framed.
  const plain = { ...body, HostConfig, Tty: true, OpenStdin: false };
  return body.Cmd && body.Cmd.length > 0 ? plain : { ...plain, Entrypoint: ["sh", "-c"], Cmd: [look] };
}

/** What it prints, to its end; the container is removed in any case. */
async function output(cli: Cli, body: CreateBody): Promise<string> {
  const { Id } = await cli.engine.post<{ Id: string }>("/containers/create", { body });
  try {
    await cli.engine.text("POST", `/containers/${Id}/start`);
    const waiting = new AbortController();
    await Promise.race([
      cli.engine.text("POST", `/containers/${Id}/wait`),
      delay(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => {}),
    ]);
    waiting.abort();
    return await cli.engine.text("GET", `/containers/${Id}/logs`, { query: { stdout: "1", stderr: "1" } });
  } finally {
    await cli.engine.text("DELETE", `/containers/${Id}`, { query: { force: "1", v: "1" } });
  }
}

const indented = (text: string) =>
  text
    .replaceAll("\r", "")
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
