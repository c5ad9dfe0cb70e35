/** Instructions that only change the configuration: pure. Used by builds and by `--change` of commit and import. */
import { posix } from "node:path";
import { parseSignal } from "../../kernel/signals.ts";
import type { HealthConfig } from "../../wire/container.ts";
import type { ImageConfig } from "../../wire/image.ts";
import { invalid } from "../errors.ts";
import type { CommandLine, Instruction } from "./dockerfile/instruction.ts";
import type { NameValue } from "./dockerfile/words.ts";
import { goDuration, goQuote, goQuotes } from "./go-format.ts";

export type Metadata = Exclude<Instruction, { type: "FROM" | "ADD" | "COPY" | "RUN" | "ARG" }>;

export function isMetadata(instruction: Instruction): instruction is Metadata {
  return !["FROM", "ADD", "COPY", "RUN", "ARG"].includes(instruction.type);
}

/** @property comment how the history calls it */
export type Changed = { config: ImageConfig; comment: string };

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/**
 * @param instruction with its variables substituted
 * @param commandSet CMD was given in this stage: ENTRYPOINT leaves it then
 * @throws EngineError invalid
 */
export function applyMetadata(config: ImageConfig, instruction: Metadata, { commandSet = false } = {}): Changed {
  switch (instruction.type) {
    case "CMD": {
      const words = wordsOf(instruction.command, config);
      return { config: { ...config, Cmd: words }, comment: `CMD ${goQuotes(words)}` };
    }
    case "ENTRYPOINT": {
      const words = wordsOf(instruction.command, config);
      return {
        config: { ...config, Entrypoint: words, ...(!commandSet && { Cmd: null }) },
        comment: `ENTRYPOINT ${goQuotes(words)}`,
      };
    }
    case "ENV": {
      const env = instruction.pairs.reduce(withVariable, config.Env ?? []);
      return { config: { ...config, Env: env }, comment: `ENV ${joined(instruction.pairs)}` };
    }
    case "LABEL": {
      const labels = Object.fromEntries(instruction.pairs.map(({ name, value }) => [name, value]));
      return {
        config: { ...config, Labels: { ...config.Labels, ...labels } },
        comment: `LABEL ${joined(instruction.pairs)}`,
      };
    }
    case "EXPOSE":
      return {
        config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...portSet(instruction.ports) } },
        comment: `EXPOSE ${instruction.ports.join(" ")}`,
      };
    case "VOLUME": {
      const volumes = Object.fromEntries(instruction.paths.map((path) => [path, {}]));
      return {
        config: { ...config, Volumes: { ...config.Volumes, ...volumes } },
        comment: `VOLUME [${instruction.paths.join(" ")}]`,
      };
    }
    case "HEALTHCHECK":
      return {
        config: { ...config, Healthcheck: instruction.health },
        comment: `HEALTHCHECK ${healthText(instruction.health)}`,
      };
    case "SHELL":
      return { config: { ...config, Shell: instruction.words }, comment: `SHELL [${instruction.words.join(" ")}]` };
    case "ONBUILD":
      return {
        config: { ...config, OnBuild: [...(config.OnBuild ?? []), instruction.expression] },
        comment: `ONBUILD ${instruction.expression}`,
      };
    case "USER":
      return { config: { ...config, User: instruction.text }, comment: `USER ${instruction.text}` };
    case "STOPSIGNAL":
      parseSignal(instruction.text);
      return { config: { ...config, StopSignal: instruction.text }, comment: `STOPSIGNAL ${instruction.text}` };
    case "WORKDIR": {
      const path = workdir(config.WorkingDir ?? "", instruction.text);
      return { config: { ...config, WorkingDir: path }, comment: `WORKDIR ${path}` };
    }
    case "MAINTAINER":
      return { config, comment: `MAINTAINER ${instruction.text}` };
    default:
      throw new TypeError(`no metadata: ${instruction satisfies never}`);
  }
}

/**
 * A script becomes a file for as long as it runs: in /dev, which is no part of the image and of which executables may be, or
 * in /tmp for a user who may not write there.
 */
const RUN_SCRIPT = [
  'for d in /dev /tmp; do f=$d/.script-$$; (printf %s "$1" >"$f") 2>/dev/null && break; done',
  'chmod 755 "$f" && "$f"; s=$?; rm -f "$f"; exit $s',
].join("; ");

/** A text is for the shell, a script for the interpreter that it names. */
export function wordsOf(command: CommandLine, { Shell: shell }: ImageConfig): string[] {
  if (command.form === "exec") return command.words;
  if (command.form === "script") return [...DEFAULT_SHELL, RUN_SCRIPT, "sh", command.text];
  return [...(shell?.length ? shell : DEFAULT_SHELL), command.text];
}

const joined = (pairs: NameValue[]) => pairs.map(({ name, value }) => `${name}=${value}`).join(" ");

function withVariable(env: string[], { name, value }: NameValue): string[] {
  const at = env.findIndex((entry) => entry.split("=", 1)[0] === name);
  return at < 0 ? [...env, `${name}=${value}`] : env.with(at, `${name}=${value}`);
}

/** "80", "80-82/udp", also with a host's port before it, which has no meaning here. */
function portSet(words: string[]): Record<string, object> {
  const exposed: Record<string, object> = {};
  for (const word of words) {
    const [ports = "", proto = "tcp"] = word.split("/");
    const range = ports.split(":").at(-1) ?? "";
    const [, from = "", to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    if (from === "" || last < first || last > 65535) throw invalid(`invalid containerPort: ${range}`);
    if (!["tcp", "udp", "sctp"].includes(proto.toLowerCase())) throw invalid(`Invalid proto: ${proto}`);
    for (let port = first; port <= last; port++) exposed[`${port}/${proto.toLowerCase()}`] = {};
  }
  return exposed;
}

function workdir(current: string, path: string): string {
  return path.startsWith("/") ? path : posix.join("/", current, path);
}

/** Go prints the whole struct. */
function healthText(health: HealthConfig): string {
  const { Test = [], Interval = 0, Timeout = 0, StartPeriod = 0, StartInterval, Retries = 0 } = health;
  const times = [Interval, Timeout, StartPeriod, ...(StartInterval ? [StartInterval] : [])];
  const retries = `'\\x${Retries.toString(16).padStart(2, "0")}'`;
  return `&{${[goQuotes(Test), ...times.map((time) => goQuote(goDuration(time))), retries].join(" ")}}`;
}
