/** Things by name that may be asked for before they are there. */
export type Arrivals<T> = {
  get(name: string): T | undefined;
  set(name: string, thing: T): void;
  /** Nothing happens if another has the name by now. */
  delete(name: string, thing: T): void;
  /** @returns undefined if it has not come in time, or a signal fires */
  find(name: string, signal?: AbortSignal): Promise<T | undefined>;
};

/** @param patience how long one is waited for, milliseconds */
export function createArrivals<T>(patience: number): Arrivals<T> {
  const here = new Map<string, T>();
  const waiting = new Map<string, Set<() => void>>();

  async function comes(name: string, signal?: AbortSignal): Promise<void> {
    const others = waiting.get(name) ?? new Set();
    waiting.set(name, others);
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        others.delete(done);
        if (others.size === 0 && waiting.get(name) === others) waiting.delete(name);
        resolve();
      };
      const timer = setTimeout(done, patience);
      signal?.addEventListener("abort", done);
      others.add(done);
    });
  }

  return {
    get: (name) => here.get(name),
    set(name, thing) {
      here.set(name, thing);
      for (const tell of waiting.get(name) ?? []) tell();
    },
    delete(name, thing) {
      if (here.get(name) === thing) here.delete(name);
    },
    async find(name, signal) {
      if (!here.has(name) && !signal?.aborted) await comes(name, signal);
      return here.get(name);
    },
  };
}
