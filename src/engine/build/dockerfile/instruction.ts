/** A Dockerfile's instructions, typed; of one line each, with docker's complaints. */
import type { HealthConfig } from "../../../wire/container.ts";
import { invalid } from "../../errors.ts";
import { healthcheckOf } from "./healthcheck.ts";
import type { Escape } from "./lines.ts";
import { type Flags, jsonWords, type NameValue, nameValues, plainWords, quotedWords, takeFlags } from "./words.ts";

/** What is to be run: words as they are, or a text for the shell. */
export type CommandLine = { form: "exec"; words: string[] } | { form: "shell"; text: string };

type Body =
  | { type: "FROM"; image: string; platform: string; stage: string }
  | { type: "ADD" | "COPY"; sources: string[]; target: string; chown: string; from: string }
  /** mounts: as they are written, "type=cache,target=/x" */
  | { type: "RUN"; command: CommandLine; mounts: string[]; network: string; security: string }
  | { type: "CMD" | "ENTRYPOINT"; command: CommandLine }
  | { type: "ARG"; args: { name: string; value?: string }[] }
  | { type: "ENV"; pairs: NameValue[] }
  /** literal: nothing in it is substituted (it came as an option) */
  | { type: "LABEL"; pairs: NameValue[]; literal: boolean }
  | { type: "EXPOSE"; ports: string[] }
  | { type: "VOLUME"; paths: string[] }
  | { type: "HEALTHCHECK"; health: HealthConfig }
  | { type: "SHELL"; words: string[] }
  | { type: "ONBUILD"; expression: string }
  | { type: "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR"; text: string };

/** Of which builder: dockerd's own, or BuildKit. */
export type Dialect = "classic" | "buildkit";

/**
 * @property source the line as it is shown
 * @property buildKit an option of it that only BuildKit has: the classic builder refuses it when it is to be carried out
 */
export type Instruction = Body & { source: string; buildKit?: string };
export type InstructionOf<T extends Body["type"]> = Extract<Instruction, { type: T }>;

/** @throws EngineError invalid */
export function parseInstruction(line: string, escapeToken: Escape): Instruction {
  const source = line.trim();
  const [, word = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(source) ?? [];
  const name = word.toUpperCase();
  const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  if (!parse) throw invalid(`unknown instruction: ${name}`);
  const { flags, lists, rest: args } = takeFlags(rest, FLAGS[name] ?? [], escapeToken);
  const buildKit = BUILDKIT_FLAGS.find((flag) => Object.hasOwn(flags, flag) || Object.hasOwn(lists, flag));
  return { ...parse({ name, flags, lists, args, escapeToken }), source, ...(buildKit !== undefined && { buildKit }) };
}

/** Docker's own words for it. */
export function needsBuildKit(what: string) {
  return invalid(
    `${what} BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
  );
}

/** Known, so that what is said of them is not "unknown". */
const BUILDKIT_FLAGS = [
  ...["mount", "network", "security", "chmod", "link", "parents", "exclude", "checksum", "keep-git-dir"],
];
const COPY_FLAGS = ["chown", "chmod", "link", "exclude"];
const FLAGS: Record<string, readonly string[]> = {
  FROM: ["platform"],
  COPY: [...COPY_FLAGS, "from", "parents"],
  ADD: [...COPY_FLAGS, "checksum", "keep-git-dir"],
  RUN: ["mount", "network", "security"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
};

type Parts = Flags & { name: string; args: string; escapeToken: Escape };

const PARSERS: Record<string, (parts: Parts) => Body> = {
  FROM: parseFrom,
  ADD: parseCopy,
  COPY: parseCopy,
  RUN: (parts) => {
    refuseHereDocument(parts);
    const { network = "", security = "" } = parts.flags;
    return { type: "RUN", command: commandLine(someOf(parts)), mounts: parts.lists.mount ?? [], network, security };
  },
  CMD: ({ args }) => ({ type: "CMD", command: commandLine(args) }),
  ENTRYPOINT: (parts) => ({ type: "ENTRYPOINT", command: commandLine(someOf(parts)) }),
  ARG: parseArg,
  ENV: ({ args, escapeToken }) => ({ type: "ENV", pairs: nameValues(args, "ENV", escapeToken) }),
  LABEL: ({ args, escapeToken }) => ({ type: "LABEL", pairs: nameValues(args, "LABEL", escapeToken), literal: false }),
  EXPOSE: (parts) => ({ type: "EXPOSE", ports: plainWords(someOf(parts)).sort() }),
  VOLUME: (parts) => {
    const paths = jsonWords(someOf(parts)) ?? plainWords(parts.args);
    if (paths.length === 0) throw atLeastOne("VOLUME");
    if (paths.includes("")) throw invalid("VOLUME specified can not be an empty string");
    return { type: "VOLUME", paths };
  },
  HEALTHCHECK: ({ flags, args }) => ({ type: "HEALTHCHECK", health: healthcheckOf(flags, args) }),
  SHELL: (parts) => {
    const words = jsonWords(someOf(parts));
    if (!words) throw invalid("SHELL requires the arguments to be in JSON form");
    if (words.length === 0) throw atLeastOne("SHELL");
    return { type: "SHELL", words };
  },
  ONBUILD: (parts) => ({ type: "ONBUILD", expression: checkedTrigger(someOf(parts)) }),
  MAINTAINER: (parts) => ({ type: "MAINTAINER", text: oneOf(parts) }),
  STOPSIGNAL: (parts) => ({ type: "STOPSIGNAL", text: oneOf(parts) }),
  USER: (parts) => ({ type: "USER", text: oneOf(parts) }),
  WORKDIR: (parts) => ({ type: "WORKDIR", text: oneOf(parts) }),
};

const atLeastOne = (name: string) => invalid(`${name} requires at least one argument`);

function someOf({ name, args }: Parts): string {
  if (args === "") throw atLeastOne(name);
  return args;
}

function oneOf({ name, args }: Parts): string {
  if (args === "") throw invalid(`${name} requires exactly one argument`);
  return args;
}

function commandLine(args: string): CommandLine {
  const words = jsonWords(args);
  return words ? { form: "exec", words } : { form: "shell", text: args };
}

function parseFrom({ flags, args }: Parts): Body {
  const words = plainWords(args);
  const [image = "", as = "", stage = ""] = words;
  const named = words.length === 3 && as.toLowerCase() === "as";
  if (words.length !== 1 && !named) throw invalid("FROM requires either one or three arguments");
  const name = stage.toLowerCase();
  if (named && !/^[a-z][a-z0-9\-_.]*$/.test(name)) {
    throw invalid(`invalid name for build stage: "${stage}", name can't start with a number or contain symbols`);
  }
  return { type: "FROM", image, platform: flags.platform ?? "", stage: name };
}

function parseCopy(parts: Parts): Body {
  const { name, flags, args } = parts;
  refuseHereDocument(parts);
  const words = jsonWords(args) ?? plainWords(args);
  const target = words.at(-1);
  if (target === undefined || words.length === 1) {
    throw invalid(
      `${name} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  }
  const type = name === "ADD" ? "ADD" : "COPY";
  return { type, sources: words.slice(0, -1), target, chown: flags.chown ?? "", from: flags.from ?? "" };
}

function parseArg(parts: Parts): Body {
  const words = quotedWords(someOf(parts), parts.escapeToken);
  const args = words.map((word) => {
    const equals = word.indexOf("=");
    if (equals === 0) throw invalid("ARG names can not be blank");
    return equals < 0 ? { name: word } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  return { type: "ARG", args };
}

function checkedTrigger(expression: string): string {
  const name = (/^\S+/.exec(expression)?.[0] ?? "").toUpperCase();
  if (name === "ONBUILD") throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === "FROM" || name === "MAINTAINER") throw invalid(`${name} isn't allowed as an ONBUILD trigger`);
  return expression;
}

/** Its lines would be taken for instructions. */
function refuseHereDocument({ args }: Parts): void {
  if (plainWords(args).some((word) => /^\d*<<-?[^<]+$/.test(word))) throw needsBuildKit("here-documents require");
}
