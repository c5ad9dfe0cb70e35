/**
 * Acquire, then push its undo. Failure unwinds in reverse order; success calls keep().
 *
 *     await using undo = undoStack();
 *     await layers.create(id);  undo.add(() => layers.remove(id));
 *     …
 *     undo.keep();
 */
export type UndoStack = {
  add(step: () => void | Promise<void>): void;
  keep(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** @param onFailure told of each undo step that itself fails; the others still run. */
export function undoStack(onFailure: (error: unknown) => void = () => {}): UndoStack {
  let steps: (() => void | Promise<void>)[] = [];
  return {
    add: (step) => void steps.push(step),
    keep() {
      steps = [];
    },
    async [Symbol.asyncDispose]() {
      for (const step of steps.reverse()) {
        try {
          await step();
        } catch (error) {
          onFailure(error);
        }
      }
      steps = [];
    },
  };
}
