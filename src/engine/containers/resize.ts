/** Set the size of a container's terminal. */
import { conflict, invalid } from "../errors.ts";
import type { ContainerStore } from "./container.ts";
import { streamsOf } from "./streams.ts";

/**
 * A size that comes before the start is kept for it: clients resize as soon as they have asked for the start.
 * @param size rows and columns, as text of a query
 * @throws EngineError not-found, conflict when it does not run any more, invalid
 */
export async function resizeContainer(
  { store }: { store: ContainerStore },
  ref: string,
  size: { h: string | undefined; w: string | undefined },
): Promise<void> {
  const container = store.find(ref);
  const { rows, cols } = terminalSize(size);
  const { status } = container.record.state;
  if (status !== "running" && status !== "paused" && status !== "created") {
    throw conflict(`container ${container.record.id} is not running`);
  }
  if (container.record.config.Tty) await streamsOf(container).resize(rows, cols);
}

/** @throws EngineError invalid on what is no number from 0 to 65535 (struct winsize has shorts) */
export function terminalSize({ h, w }: { h: string | undefined; w: string | undefined }): {
  rows: number;
  cols: number;
} {
  return { rows: dimension("h", h), cols: dimension("w", w) };
}

function dimension(name: string, text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || text === "" || !Number.isInteger(value) || value < 0 || value > 65535) {
    throw invalid(`invalid resize ${name === "h" ? "height" : "width"} "${text ?? ""}"`);
  }
  return value;
}
