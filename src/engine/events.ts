/** Docker's event stream: typed, kept (the last 1000, as dockerd keeps 256) so that `since` can be answered. */
export type EngineEvent = {
  Type: "container" | "image" | "network" | "volume" | "daemon";
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: "local";
  time: number;
  timeNano: bigint;
};

export type EventBus = {
  publish(event: Pick<EngineEvent, "Type" | "Action" | "Actor">): void;
  /** Past events from a nanosecond time on, oldest first. */
  past(sinceNano: bigint): EngineEvent[];
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** How many listen. */
  listeners(): number;
};

const KEPT = 1000;

/** @param nowNano wall clock in nanoseconds */
export function createEventBus(nowNano: () => bigint): EventBus {
  const kept: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    publish(partial) {
      const timeNano = nowNano();
      const event: EngineEvent = { ...partial, scope: "local", time: Number(timeNano / 1_000_000_000n), timeNano };
      kept.push(event);
      if (kept.length > KEPT) kept.shift();
      for (const listener of [...listeners]) listener(event);
    },
    past: (sinceNano) => kept.filter((event) => event.timeNano >= sinceNano),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listeners: () => listeners.size,
  };
}
