import type { ContainerStore } from "../../containers/container.ts";
import type { ContainerSummary } from "../../containers/list.ts";
import type { EngineEvent, EventBus } from "../../events.ts";
import { audience, type Source } from "./audience.ts";
import { deltas, type Entry } from "./deltas.ts";
import { liveEntry } from "./entries.ts";

/** From an event to the list: more come in bundles. */
const DEBOUNCE_MS = 100;
/** Few changes have no event, such as a start that failed. */
const ANYWAY_MS = 5000;

export type ContainersDeps = {
  events: Pick<EventBus, "subscribe">;
  store: Pick<ContainerStore, "all">;
  /** docker's list, all of it */
  list: () => Promise<ContainerSummary[]>;
  log: (message: string, details: Record<string, unknown>) => void;
};

/** Topic "containers". */
export function containersSource(deps: ContainersDeps): Source {
  const told = deltas<string>(
    "containers",
    ({ full, items, gone }) => `{"full":${full},"containers":[${items}],"gone":${JSON.stringify(gone)}}`,
  );
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  const schedule = (ms: number) => {
    const at = performance.now() + ms;
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => void look(), ms).unref();
  };
  const look = async () => {
    try {
      const entries = await entriesNow(deps);
      if (listeners.members.size === 0) return;
      due = Number.POSITIVE_INFINITY;
      schedule(told.update(listeners.members, entries) ? ANYWAY_MS : 1000);
    } catch (error) {
      deps.log("list containers for the stream", { error });
      due = Number.POSITIVE_INFINITY;
      if (listeners.members.size > 0) schedule(ANYWAY_MS);
    }
  };
  const listeners = audience(
    () => {
      const unsubscribe = deps.events.subscribe((event) => changesList(event) && schedule(DEBOUNCE_MS));
      schedule(0);
      return () => {
        unsubscribe();
        clearTimeout(timer);
        due = Number.POSITIVE_INFINITY;
        told.forget();
      };
    },
    told.welcome,
    told.leave,
  );
  return listeners;
}

async function entriesNow({ list, store }: ContainersDeps): Promise<Map<string, Entry>> {
  const summaries = await list();
  const records = new Map(store.all().map(({ record }) => [record.id, record]));
  const entries = new Map<string, Entry>();
  for (const summary of summaries) {
    const record = records.get(summary.Id);
    if (record === undefined) continue;
    const entry = liveEntry(summary, record);
    // "Up 2 minutes" changes by itself.
    entries.set(summary.Id, { same: JSON.stringify({ ...entry, Status: "" }), json: JSON.stringify(entry) });
  }
  return entries;
}

const WITHOUT_EFFECT = ["exec_", "attach", "detach", "resize", "top", "export", "archive-path", "extract-to-dir"];

function changesList({ Type, Action }: EngineEvent): boolean {
  if (Type === "network") return Action === "connect" || Action === "disconnect";
  return (Type === "container" || Type === "image") && !WITHOUT_EFFECT.some((prefix) => Action.startsWith(prefix));
}
