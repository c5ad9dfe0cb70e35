/**
 * The one stream from the engine. Its topics follow the view; when they change, the stream is opened anew, and its first
 * messages say everything that is.
 */
import { computed, effect } from "@preact/signals";
import type { ContainerSample, DockerEvent, HostProcess, LiveEntry, StreamMessages } from "../../wire/glass.ts";
import { ApiError, addressOf, get } from "../api.ts";
import * as live from "./live.ts";
import { subject, view } from "./route.ts";

const ALWAYS = ["containers", "samples", "events", "oom"];
const AGAIN_MS = 2000;

const topics = computed(() => {
  const more: string[] = [];
  if (view.value === "inside") {
    more.push("processes");
    const entry = live.findContainer(subject.value);
    if (entry) more.push(`map:${entry.Id}`);
  }
  if (view.value === "cgroups") more.push("cgroups");
  return [...ALWAYS, ...more].join(",");
});

/** Listen for as long as the page is open. */
export function follow(): void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (wanted: string) => {
    clearTimeout(again);
    // The one before goes when this one answers: nothing that happens meanwhile is missed.
    const before = source;
    source = listen(wanted, {
      onOpen: () => before?.close(),
      onLost: (after) => {
        before?.close();
        again = setTimeout(() => open(topics.peek()), after);
      },
    });
  };
  effect(() => open(topics.value));
}

function listen(
  wanted: string,
  { onOpen, onLost }: { onOpen: () => void; onLost: (after: number) => void },
): EventSource {
  const source = new EventSource(addressOf("/cloche/v1/stream", { topics: wanted }));
  const on = <K extends keyof StreamMessages>(name: K, take: (message: StreamMessages[K]) => void) =>
    source.addEventListener(name, (event) => take(JSON.parse(event.data) as StreamMessages[K]));
  on("hello", (message) => {
    onOpen();
    live.hello.value = message;
    live.connection.value = { state: "open", reason: "" };
    live.trouble.value = {};
  });
  on("containers", takeContainers);
  on("samples", takeSamples);
  on("events", (event) => addEvents([event]));
  on("oom", (answer) => {
    live.ooms.value = new Map(live.ooms.value).set(answer.id, answer);
  });
  on("map", (answer) => {
    live.maps.value = new Map(live.maps.value).set(answer.id, answer);
  });
  on("processes", takeProcesses);
  on("cgroups", (now) => {
    live.cgroups.value = { now, before: live.cgroups.value?.now };
  });
  on("trouble", ({ topic, reason }) => {
    live.trouble.value = { ...live.trouble.value, [topic]: reason };
  });
  source.onerror = () => {
    // The browser would try again by itself, but not after every kind of end, and it does not say why.
    source.close();
    void whyLost().then((reason) => {
      // Where the engine answers it was the browser that gave the connection up: nobody need know.
      if (reason !== "") live.connection.value = { state: "lost", reason };
      onLost(reason === "" ? 0 : AGAIN_MS);
    });
  };
  return source;
}

/** @returns "" when the engine answers */
async function whyLost(): Promise<string> {
  try {
    await get("/version");
    return "";
  } catch (error) {
    return error instanceof ApiError && error.status === 401
      ? "Your session has ended: type “cloche ui” for a new link."
      : "The engine does not answer. Containers go on without it.";
  }
}

function takeContainers({ full, containers, gone }: StreamMessages["containers"]): void {
  const next = new Map<string, LiveEntry>(full ? [] : live.entries.value);
  for (const entry of containers) next.set(entry.Id, entry);
  for (const id of gone) next.delete(id);
  for (const id of live.samples.keys()) if (!next.has(id)) live.samples.delete(id);
  live.entries.value = next;
}

function takeSamples({ host, containers }: StreamMessages["samples"]): void {
  for (const sample of containers) addSample(sample);
  live.host.value = host;
  live.beat.value++;
}

function addSample(sample: ContainerSample): void {
  const known = live.samples.get(sample.id);
  if (known === undefined) live.samples.set(sample.id, [sample]);
  else if (sample.at > (known.at(-1)?.at ?? 0)) {
    known.push(sample);
    if (known.length > live.KEPT_SAMPLES) known.shift();
  }
}

const keyOf = ({ timeNano, Actor, Action }: DockerEvent) => `${timeNano} ${Actor.ID} ${Action}`;

/** Newest first; what is there already is not added again. */
export function addEvents(more: readonly DockerEvent[]): void {
  const known = new Set(live.events.value.map(keyOf));
  const fresh = more.filter((event) => !known.has(keyOf(event)));
  if (fresh.length === 0) return;
  const all = [...fresh, ...live.events.value].sort((a, b) => b.timeNano - a.timeNano);
  live.events.value = all.slice(0, live.KEPT_EVENTS);
}

/** Those that the engine still knows, from before this page was opened. */
export async function fetchEvents(): Promise<void> {
  const text = await (await fetch(addressOf("/events", { since: 1, until: (Date.now() / 1000).toFixed(3) }))).text();
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  addEvents(lines.map((line) => JSON.parse(line) as DockerEvent));
}

/** What was before this page was opened. Samples that the stream has brought meanwhile stay. */
export function addHistory(id: string, past: readonly ContainerSample[]): void {
  const known = live.samples.get(id) ?? [];
  const first = known[0]?.at ?? Infinity;
  live.samples.set(id, [...past.filter(({ at }) => at < first), ...known].slice(-live.KEPT_SAMPLES));
  live.beat.value++;
}

function takeProcesses({ full, processes, gone, unreadable }: StreamMessages["processes"]): void {
  const next = new Map<number, HostProcess>(full ? [] : live.processes.value);
  for (const process of processes) next.set(process.pid, process);
  for (const pid of gone) next.delete(pid);
  live.processes.value = next;
  live.unreadable.value = unreadable;
}
