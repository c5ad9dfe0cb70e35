import type { Cli } from "../cli.ts";
import { compactJson, indentJson, parseJson } from "../engine/json.ts";
import { CliError, textOf } from "../errors.ts";
import { compileTemplate, type Template } from "../template/template.ts";

/**
 * What all `inspect` commands do: every name is asked for; what was found is printed as one JSON list (in the engine's own
 * order and digits) or by a template, a line each; then the errors.
 * @param find the engine's raw answer for a name
 */
export async function inspect(
  cli: Cli,
  names: string[],
  format: string,
  find: (name: string) => Promise<string>,
): Promise<void> {
  const template = format === "" || format === "json" ? undefined : compile(format);
  const found: string[] = [];
  const errors: string[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      errors.push(textOf(error));
    }
  }
  if (template) {
    for (const raw of found) cli.out.write(`${execute(cli, template, raw)}\n`);
    if (found.length === 0) cli.out.write("\n");
  } else if (format === "json")
    cli.out.write(found.length ? `[${found.map((raw) => compactJson(parseJson(raw))).join(",")}]\n` : "[]\n");
  else cli.out.write(found.length ? `${indentJson(`[${found.join(",")}]`)}\n` : "[]\n");
  if (errors.length) throw new CliError(errors.join("\n"));
}

function compile(format: string): Template {
  try {
    return compileTemplate(format);
  } catch (error) {
    throw new CliError(`template parsing error: ${textOf(error)}`);
  }
}

function execute(cli: Cli, template: Template, raw: string): string {
  try {
    return template(parseJson(raw));
  } catch (error) {
    cli.out.write("\n");
    throw new CliError(`template parsing error: ${textOf(error)}`);
  }
}
