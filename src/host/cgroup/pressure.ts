/** Pressure stall information, of a cgroup or of the host (Documentation/accounting/psi.rst). */
import type { Pressure, PressureView } from "../../wire/glass.ts";
import { some } from "./files.ts";
import type { Read } from "./reader.ts";

export type Pressures = { cpu?: PressureView; memory?: PressureView; io?: PressureView };

/** Pressure is part of v2 itself, not of a controller: a hybrid host's unified hierarchy has it too. */
export function pressureOf(read: Read): Pressures | undefined {
  const [cpu, memory, io] = ["cpu", "memory", "io"].map((name) => read("", `${name}.pressure`));
  if (cpu === undefined && memory === undefined && io === undefined) return undefined;
  return some({ cpu: parsePressure(cpu), memory: parsePressure(memory), io: parsePressure(io) });
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" (Documentation/accounting/psi.rst). */
function parsePressure(text: string | undefined): PressureView | undefined {
  if (text === undefined) return undefined;
  const line = (word: string): Pressure | undefined => {
    const match = new RegExp(`^${word} avg10=(\\S+) avg60=(\\S+) avg300=(\\S+) total=(\\d+)`, "m").exec(text);
    return match
      ? { avg10: Number(match[1]), avg60: Number(match[2]), avg300: Number(match[3]), total: Number(match[4]) }
      : undefined;
  };
  return some({ some: line("some"), full: line("full") });
}
