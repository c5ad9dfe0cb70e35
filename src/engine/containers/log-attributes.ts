/** The labels, variables and tag that every line of a json-file log carries. Pure. */
import type { LogConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";

type Logged = Pick<ContainerRecord, "id" | "name" | "imageId" | "path" | "args" | "config">;

/**
 * @returns JSON of an object whose names are sorted, "" if there are none
 * Throws invalid for a pattern or a template that cannot be read.
 */
export function logAttributes(record: Logged, options: LogConfig["Config"]): string {
  const chosen: Record<string, string> = {};
  const pick = (from: Record<string, string>, names = "", expression = "") => {
    const wanted = names.split(",");
    const pattern = expression === "" ? undefined : regularExpression(expression);
    for (const [key, value] of Object.entries(from)) {
      if (wanted.includes(key) || pattern?.test(key)) chosen[key] = value;
    }
  };
  pick(record.config.Labels, options.labels, options["labels-regex"]);
  pick(variables(record.config.Env), options.env, options["env-regex"]);
  const tag = tagText(options.tag ?? "", record);
  if (tag !== "") chosen.tag = tag;
  const names = Object.keys(chosen).sort();
  return names.length > 0 ? JSON.stringify(Object.fromEntries(names.map((name) => [name, chosen[name]]))) : "";
}

/** Go's expressions are nearly JavaScript's. */
function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalid(`error parsing regexp: ${(error as Error).message}`);
  }
}

function variables(env: string[]): Record<string, string> {
  return Object.fromEntries(
    env
      .map((entry) => [entry, entry.indexOf("=")] as const)
      .filter(([, cut]) => cut > 0)
      .map(([entry, cut]) => [entry.slice(0, cut), entry.slice(cut + 1)]),
  );
}

/** A Go template of which only fields are understood: {{.Name}}/{{.ID}}. */
function tagText(template: string, record: Logged): string {
  const fields: Record<string, string> = {
    ID: record.id.slice(0, 12),
    FullID: record.id,
    Name: record.name,
    // As docker has it: twelve letters, "sha256:" among them.
    ImageID: record.imageId.slice(0, 12),
    ImageFullID: record.imageId,
    ImageName: record.config.Image,
    Command: [record.path, ...record.args].join(" "),
    DaemonName: "docker",
  };
  if (template.lastIndexOf("{{") > template.lastIndexOf("}}")) throw invalid("template: log-tag:1: unclosed action");
  return template.replaceAll(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_whole, action: string) => {
    const field = /^\.(\w+)$/.exec(action)?.[1];
    const value = field === undefined ? undefined : fields[field];
    if (value !== undefined) return value;
    if (field === undefined) throw invalid(`template: log-tag:1: only fields are understood, not "${action}"`);
    throw invalid(
      `template: log-tag:1:2: executing "log-tag" at <.${field}>: can't evaluate field ${field} in type *logger.Info`,
    );
  });
}
