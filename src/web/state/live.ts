/** What the engine has told so far. Only stream.ts writes here. */
import { computed, signal } from "@preact/signals";
import type {
  CgroupsAnswer,
  ContainerSample,
  DockerEvent,
  Hello,
  HostProcess,
  HostSample,
  LiveEntry,
  MapAnswer,
  OomAnswer,
} from "../../wire/glass.ts";

/** five minutes, a sample a second */
export const KEPT_SAMPLES = 300;
export const KEPT_EVENTS = 1000;

export const hello = signal<Hello | undefined>(undefined);
/** waiting: nothing has been heard yet. lost: with the reason */
export const connection = signal<{ state: "waiting" | "open" | "lost"; reason: string }>({
  state: "waiting",
  reason: "",
});
/** topic -> why there is nothing of it */
export const trouble = signal<Record<string, string>>({});

/** web2 before web10. */
export const byName = new Intl.Collator(undefined, { numeric: true }).compare;

/** By id. */
export const entries = signal<ReadonlyMap<string, LiveEntry>>(new Map());
export const containers = computed(() =>
  [...entries.value.values()].sort((a, b) => rank(a) - rank(b) || byName(nameOf(a), nameOf(b))),
);
export const host = signal<HostSample | undefined>(undefined);
/** Rises with each message of samples: who reads `samplesOf` reads this too. */
export const beat = signal(0);
export const samples = new Map<string, ContainerSample[]>();
/** newest first */
export const events = signal<readonly DockerEvent[]>([]);
export const ooms = signal<ReadonlyMap<string, OomAnswer>>(new Map());
export const maps = signal<ReadonlyMap<string, MapAnswer>>(new Map());
export const processes = signal<ReadonlyMap<number, HostProcess>>(new Map());
export const unreadable = signal(0);
/** the last two, for rates */
export const cgroups = signal<{ now: CgroupsAnswer; before: CgroupsAnswer | undefined } | undefined>(undefined);

export const nameOf = (entry: LiveEntry) => (entry.Names[0] ?? entry.Id.slice(0, 12)).replace(/^\//, "");
export const isUp = (entry: LiveEntry) => entry.State === "running" || entry.State === "paused";

/** By name, id, or the beginning of an id. */
export function findContainer(ref: string): LiveEntry | undefined {
  if (ref === "") return undefined;
  const all = containers.value;
  return all.find((entry) => nameOf(entry) === ref) ?? all.find((entry) => entry.Id.startsWith(ref));
}

export function samplesOf(id: string): readonly ContainerSample[] {
  beat.value;
  return samples.get(id) ?? [];
}
export const latestOf = (id: string) => samplesOf(id).at(-1);

/** Running ones first. */
const rank = (entry: LiveEntry) =>
  entry.State === "running" ? 0 : isUp(entry) || entry.State === "restarting" ? 1 : 2;
