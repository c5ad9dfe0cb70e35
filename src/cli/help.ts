import type { Command } from "./command.ts";
import { glassLines } from "./commands/glass/tree.ts";
import { flagUsages } from "./flags/usage.ts";
import type { GroupName } from "./tree.ts";
import { groups, topCommands } from "./tree.ts";

/** A command's help. @param path the words that led to it: "cloche container ls" */
export function commandHelp(path: string, command: Command, name: string, columns: number): string {
  const aliases = command.aliases?.length
    ? `\nAliases:\n  ${command.aliases.map((alias) => `${name} ${alias}`).join(", ")}\n`
    : "";
  const options = flagUsages(command.flags, columns);
  const usage = command.usage.replaceAll("%name%", name);
  return `${`Usage:  ${path} ${usage}`.trimEnd()}\n\n${command.about}\n${aliases}${options && `\nOptions:\n${options}`}`;
}

/** What stands under an error in a command's options or arguments. */
export function shortUsage(path: string, command: Command, name: string, verb: "See" | "Run"): string {
  return `Usage:  ${path} ${command.usage.replaceAll("%name%", name)}\n\n${verb} '${path} --help' for more information`;
}

export function groupHelp(name: string, group: GroupName): string {
  const { about, verbs } = groups[group];
  const path = `${name} ${group}`;
  const lines = Object.entries(verbs).filter(([, verb]) => !verb.hidden);
  return `Usage:  ${path} COMMAND\n\n${about}\n\nCommands:\n${rows(lines.map(([verb, { about }]) => [verb, about]))}${glass(glassLines(group))}\nRun '${path} COMMAND --help' for more information on a command.\n`;
}

const COMMON = ["run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "search", "version", "info"];

export function rootHelp(name: string): string {
  const common = COMMON.flatMap((word) => (topCommands[word] ? [[word, topCommands[word].about] as const] : []));
  const others = Object.entries(topCommands)
    .filter(([word, verb]) => !COMMON.includes(word) && !verb.hidden)
    .map(([word, { about }]) => [word, about] as const);
  return `Usage:  ${name} [OPTIONS] COMMAND

A container engine made of glass

Common Commands:
${rows(common)}
Management Commands:
${rows(Object.entries(groups).map(([word, { about }]) => [word, about]))}
Commands:
${rows(others)}
${glass(glassLines()).slice(1)}
Global Options:
      --config string      Location of client config files (default
                           "~/.docker")
  -H, --host string        Engine socket to connect to (unix:// or
                           tcp://); else CLOCHE_HOST, then DOCKER_HOST,
                           then unix:///run/cloche/cloche.sock
  -v, --version            Print version information and quit

Run '${name} COMMAND --help' for more information on a command.
`;
}

/** What docker has not, in a section of its own. */
function glass(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(11, ...lines.map(([words]) => words.length));
  return lines.length
    ? `\nGlass Commands:\n${lines.map(([words, about]) => `  ${words.padEnd(width)} ${about}\n`).join("")}`
    : "";
}

function rows(lines: readonly (readonly [string, string])[]): string {
  const sorted = [...lines].sort(([a], [b]) => (COMMON.includes(a) && COMMON.includes(b) ? 0 : a < b ? -1 : 1));
  return sorted.map(([word, about]) => `  ${word.padEnd(11)} ${about}\n`).join("");
}
