/** Wait for a condition, with a generous limit: the machine may be busy. */
import { setTimeout as delay } from "node:timers/promises";

/** Factor on every limit, for machines that are slow throughout. */
export const patience = Number(process.env.CLOCHE_TEST_PATIENCE ?? 1);

/** @param options.seconds limit (default 20); `what` names the condition in the error */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { what?: string | (() => string); seconds?: number; every?: number } = {},
): Promise<void> {
  const limit = performance.now() + (options.seconds ?? 20) * 1000 * patience;
  while (!(await condition())) {
    if (performance.now() > limit) {
      const what = typeof options.what === "function" ? options.what() : (options.what ?? "the condition holds");
      throw new Error(`waited ${options.seconds ?? 20} s in vain until ${what}`);
    }
    await delay(options.every ?? 20);
  }
}
