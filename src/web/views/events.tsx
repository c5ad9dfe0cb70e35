/** What happens, as it happens: docker's events, the engine's own among them. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DockerEvent } from "../../wire/glass.ts";
import { Rows } from "../parts/rows.tsx";
import { Search } from "../parts/search.tsx";
import { Why } from "../parts/why.tsx";
import { connection, events, findContainer, nameOf } from "../state/live.ts";
import { linkTo } from "../state/route.ts";
import { fetchEvents } from "../state/stream.ts";
import { clock, short, shortIds } from "../text.ts";

const BAD = /^(die|kill|oom|destroy|health_status: unhealthy)/;
const GOOD = /^(start|create|unpause|health_status: healthy|pull|import|load)/;

export function Events() {
  const search = useSignal("");
  useEffect(() => {
    // Without the past the list begins now; the stream says for itself if the engine is away.
    fetchEvents().catch(() => {});
  }, []);
  const all = events.value;
  const shown = all.filter((event) => wordsOf(event).toLowerCase().includes(search.value.toLowerCase()));
  return (
    <>
      <div class="head">
        <h1>Events</h1>
        {all.length > 0 && (
          <div class="tools">
            <Search words={search} label="Find events" hint="action, name, attribute" />
          </div>
        )}
      </div>
      {shown.length > 0 ? (
        <Rows items={shown} keyOf={keyOf} rowHeight={3.2} label="Events, the newest first">
          {(event) => <Row event={event} />}
        </Rows>
      ) : all.length > 0 ? (
        <Why title="None of them fits">No event has “{search.value}” in it.</Why>
      ) : (
        <Why title="Nothing has happened yet" command="cloche run --rm busybox true">
          {connection.value.state === "lost"
            ? connection.value.reason
            : "The engine remembers the last thousand since its start, and there is none. Make something happen:"}
        </Why>
      )}
    </>
  );
}

function Row({ event }: { event: DockerEvent }) {
  const { Type, Action, Actor } = event;
  const name = Actor.Attributes.name ?? short(Actor.ID);
  const known = Type === "container" && findContainer(Actor.ID);
  const rest = Object.entries(Actor.Attributes).filter(([key]) => key !== "name");
  return (
    <div class={`event ${BAD.test(Action) ? "bad" : GOOD.test(Action) ? "good" : ""}`}>
      <time dateTime={new Date(event.timeNano / 1e6).toISOString()}>{clock(event.timeNano / 1e6)}</time>
      <span class="type">{Type}</span>
      <strong>{Action}</strong>
      {known ? <a href={linkTo("containers", name)}>{name}</a> : <span>{name}</span>}
      <span class="rest">
        {rest.map(([key, value]) => `${key}=${key === "container" ? calledNow(value) : shortIds(value)}`).join("  ")}
      </span>
    </div>
  );
}

/** Networks tell of containers by id. */
function calledNow(id: string): string {
  const entry = findContainer(id);
  return entry ? nameOf(entry) : short(id);
}

const wordsOf = ({ Type, Action, Actor }: DockerEvent) =>
  `${Type} ${Action} ${Actor.ID} ${Object.entries(Actor.Attributes).flat().join(" ")}`;

const keyOf = (event: DockerEvent) => `${event.timeNano}${event.Actor.ID}${event.Action}`;
