/** `--change` of import and commit: Dockerfile instructions that alter a configuration, in docker's own readings. */
import type { ImageConfig } from "../../wire/image.ts";
import { invalid } from "../errors.ts";
import { healthcheckOf } from "./change-healthcheck.ts";
import { splitWords } from "./words.ts";

type Change = (config: ImageConfig, rest: string, instruction: string) => ImageConfig;

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** @throws EngineError invalid "foo is not a valid change command" */
export function applyChanges(config: ImageConfig, changes: string[]): ImageConfig {
  return changes.reduce((changed, line) => {
    const [, word = "", rest = ""] = /^\s*(\S+)\s*([\s\S]*?)\s*$/.exec(line) ?? [];
    if (word === "") return changed;
    const change = CHANGES[word.toUpperCase()];
    if (!change) throw invalid(`${word.toLowerCase()} is not a valid change command`);
    if (rest === "") throw invalid(`${word.toUpperCase()} requires at least one argument`);
    return change(changed, rest, word.toUpperCase());
  }, config);
}

const CHANGES: Record<string, Change> = {
  CMD: (config, rest) => ({ ...config, Cmd: command(config, rest) }),
  ENTRYPOINT: (config, rest) => ({ ...config, Entrypoint: command(config, rest) }),
  ENV: (config, rest) => ({ ...config, Env: mergeEnv(config.Env ?? [], pairs(rest, "ENV")) }),
  LABEL: (config, rest) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs(rest, "LABEL")) } }),
  EXPOSE: (config, rest) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...ports(splitWords(rest)) } }),
  VOLUME: (config, rest) => ({
    ...config,
    Volumes: {
      ...config.Volumes,
      ...Object.fromEntries((jsonWords(rest) ?? splitWords(rest)).map((path) => [path, {}])),
    },
  }),
  USER: (config, rest) => ({ ...config, User: rest }),
  WORKDIR: (config, rest) => ({ ...config, WorkingDir: workdir(config.WorkingDir ?? "", rest) }),
  STOPSIGNAL: (config, rest) => ({ ...config, StopSignal: rest }),
  ONBUILD: (config, rest) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  SHELL: (config, rest, instruction) => {
    const words = jsonWords(rest);
    if (!words) throw invalid(`${instruction} requires the arguments to be in JSON form`);
    return { ...config, Shell: words };
  },
  HEALTHCHECK: (config, rest) => ({ ...config, Healthcheck: healthcheckOf(rest, jsonWords) }),
};

/** `["a","b"]` is run as it is, anything else by the shell. */
function command(config: ImageConfig, rest: string): string[] {
  return jsonWords(rest) ?? [...(config.Shell ?? DEFAULT_SHELL), rest];
}

/** undefined when it is no JSON list of texts: docker then takes the line for a shell's. */
export function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `A=1 B="2 3"`, or the old form `A the rest`. */
function pairs(rest: string, instruction: string): [string, string][] {
  const first = /^(\S+)/.exec(rest)?.[1] ?? "";
  if (!first.includes("=")) {
    const [, name = "", value = ""] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
    if (name === "") throw invalid(`${instruction} must have two arguments`);
    return [[name, value]];
  }
  return splitWords(rest).map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) throw invalid(`Syntax error - can't find = in "${word}". Must be of the form: name=value`);
    if (equals === 0) throw invalid(`${instruction} names can not be blank`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

function mergeEnv(env: string[], added: [string, string][]): string[] {
  const merged = [...env];
  for (const [name, value] of added) {
    const at = merged.findIndex((entry) => entry.startsWith(`${name}=`));
    if (at < 0) merged.push(`${name}=${value}`);
    else merged[at] = `${name}=${value}`;
  }
  return merged;
}

function ports(words: string[]): Record<string, object> {
  const exposed: Record<string, object> = {};
  for (const word of words) {
    const [, from = "", to, proto = "tcp"] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(word) ?? [];
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    if (from === "" || last < first || last > 65535) throw invalid(`invalid containerPort: ${word}`);
    for (let port = first; port <= last; port++) exposed[`${port}/${proto}`] = {};
  }
  return exposed;
}

function workdir(current: string, path: string): string {
  if (path.startsWith("/")) return path;
  return `${current.replace(/\/$/, "")}/${path}`;
}
