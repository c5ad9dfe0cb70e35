/** A Dockerfile's instructions, typed; of one line each, with docker's complaints. */
import type { HealthConfig } from "../../../wire/container.ts";
import { invalid } from "../../errors.ts";
import { type CopyBody, parseCopy } from "./copy-instruction.ts";
import { healthcheckOf } from "./healthcheck.ts";
import { type Heredoc, heredocText, openingOf, withHeredocs, withoutGaps } from "./heredoc.ts";
import type { Dialect, Escape } from "./lines.ts";
import { type Flags, jsonWords, type NameValue, nameValues, plainWords, quotedWords, takeFlags } from "./words.ts";

export type { Dialect } from "./lines.ts";

/** What is to be run: words as they are, a text for the shell, or a file's content that names its own interpreter (`#!`). */
export type CommandLine = { form: "exec"; words: string[] } | { form: "shell" | "script"; text: string };

type Body =
  | { type: "FROM"; image: string; platform: string; stage: string }
  | CopyBody
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

/**
 * @property source the line as it is shown
 * @property buildKit an option of it that only BuildKit has: the classic builder refuses it when it is to be carried out
 */
export type Instruction = Body & { source: string; buildKit?: string };
export type InstructionOf<T extends Body["type"]> = Extract<Instruction, { type: T }>;

/**
 * @param options.heredocs that its line begins
 * @throws EngineError invalid
 */
export function parseInstruction(
  line: string,
  escapeToken: Escape,
  { dialect = "classic", heredocs = [] }: { dialect?: Dialect; heredocs?: Heredoc[] } = {},
): Instruction {
  const source = line.trim();
  const [, word = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(source) ?? [];
  const name = word.toUpperCase();
  const parse = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  if (!parse) throw invalid(`unknown instruction: ${name}`);
  const known = { known: FLAGS[name] ?? [], booleans: dialect === "buildkit" ? BOOLEAN_FLAGS : [] };
  const { flags, lists, rest: args } = takeFlags(rest, known, escapeToken);
  const buildKit = BUILDKIT_FLAGS.find((flag) => Object.hasOwn(flags, flag) || Object.hasOwn(lists, flag));
  const parts = { name, flags, lists, args, heredocs, dialect, escapeToken };
  return { ...parse(parts), source, ...(buildKit !== undefined && { buildKit }) };
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
/** The classic builder, which refuses them, wants them to have values. */
const BOOLEAN_FLAGS = ["link", "parents", "keep-git-dir"];
const COPY_FLAGS = ["chown", "chmod", "link", "exclude"];
const FLAGS: Record<string, readonly string[]> = {
  FROM: ["platform"],
  COPY: [...COPY_FLAGS, "from", "parents"],
  ADD: [...COPY_FLAGS, "checksum", "keep-git-dir"],
  RUN: ["mount", "network", "security"],
  HEALTHCHECK: ["interval", "timeout", "start-period", "start-interval", "retries"],
};

type Parts = Flags & { name: string; args: string; heredocs: Heredoc[]; dialect: Dialect; escapeToken: Escape };

const PARSERS: Record<string, (parts: Parts) => Body> = {
  FROM: parseFrom,
  ADD: (parts) => parseCopy(withoutHereDocument(parts)),
  COPY: (parts) => parseCopy(withoutHereDocument(parts)),
  RUN: parseRun,
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
  ONBUILD: (parts) => ({
    ...{ type: "ONBUILD", expression: withHeredocs(checkedTrigger(someOf(parts)), parts.heredocs) },
  }),
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

const NETWORKS = ["", "default", "none", "host"];
const SECURITIES = ["", "sandbox", "insecure"];

function parseRun(parts: Parts): Body {
  const { args, heredocs, dialect, lists } = withoutHereDocument(parts);
  const { network = "", security = "" } = parts.flags;
  if (dialect === "buildkit") {
    if (!NETWORKS.includes(network)) throw invalid(`invalid network mode: "${network}"`);
    if (!SECURITIES.includes(security)) throw invalid(`security "${security}" is not valid`);
  }
  const [first] = heredocs;
  const command = first ? heredocCommand(args, first, heredocs) : commandLine(someOf(parts));
  return { type: "RUN", command, mounts: lists.mount ?? [], network, security };
}

/** A here-document alone is the command; others are the shell's, which then gets all of them. */
function heredocCommand(args: string, first: Heredoc, heredocs: Heredoc[]): CommandLine {
  if (!openingOf(withoutGaps(args.trim()))) return { form: "shell", text: withHeredocs(args, heredocs) };
  const text = heredocText(first);
  return { form: text.startsWith("#!") ? "script" : "shell", text };
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

/** Of which the classic builder would take the lines for instructions. */
function withoutHereDocument(parts: Parts): Parts {
  const begins = (word: string) => /^\d*<<-?[^<]+$/.test(word);
  if (parts.dialect === "classic" && plainWords(parts.args).some(begins)) throw needsBuildKit("here-documents require");
  return parts;
}
