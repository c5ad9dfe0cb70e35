/** A scenario is a shell script of one step per line: any docker user can run it by hand against any engine. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export type Step = {
  /** line in the script, from 1 */
  line: number;
  /** what `sh -c` is given; $SOCK is the engine's socket, $T a folder of its own */
  command: string;
  /** Compare only the types in the JSON that is printed: its values belong to the engine or the moment. */
  shapeOnly: boolean;
};
export type Scenario = { name: string; steps: Step[] };

/** All scripts in scenarios/, or those named, in order of their names. */
export function readScenarios(names: string[] = []): Scenario[] {
  return globSync(join(import.meta.dirname, "scenarios/*.sh"))
    .sort()
    .map((file) => ({ name: basename(file, ".sh"), steps: parseSteps(readFileSync(file, "utf8")) }))
    .filter((scenario) => names.length === 0 || names.includes(scenario.name));
}

/** A line that ends in a backslash goes on in the next; `shape COMMAND` compares types only; # starts a comment line. */
export function parseSteps(script: string): Step[] {
  const steps: Step[] = [];
  let pending = "";
  script.split("\n").forEach((text, index) => {
    const joined = pending + text.trim();
    if (joined.endsWith("\\")) {
      pending = joined.slice(0, -1);
      return;
    }
    pending = "";
    if (joined === "" || joined.startsWith("#")) return;
    const shapeOnly = joined.startsWith("shape ");
    steps.push({ line: index + 1, command: shapeOnly ? joined.slice("shape ".length) : joined, shapeOnly });
  });
  return steps;
}
