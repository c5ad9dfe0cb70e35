/** `GET /events`: which events a client asked for, and how docker writes one. */
import { type Filters, matchesLabels } from "../wire/filters.ts";
import type { EngineEvent } from "./events.ts";

/** Actions that carry words of their own behind a colon; their names alone match them too. */
const WITH_WORDS = ["exec_create", "exec_start", "health_status"];

/** Values of one filter are alternatives; all filters that are given must hold. */
export function matchesEvent(event: EngineEvent, filters: Filters): boolean {
  const { Type, Action, Actor } = event;
  const equal = (name: string, value: string) => !filters.has(name) || filters.values(name).includes(value);
  const named = (type: EngineEvent["Type"]) =>
    !filters.has(type) ||
    (Type === type &&
      filters.values(type).some((value) => Actor.ID.startsWith(value) || Actor.Attributes.name?.startsWith(value)));
  return (
    equal("type", Type) &&
    equal("scope", event.scope) &&
    (!filters.has("event") || filters.values("event").some((value) => matchesAction(Action, value))) &&
    matchesLabels(Actor.Attributes, filters.values("label")) &&
    named("container") &&
    named("network") &&
    named("volume") &&
    named("daemon") &&
    matchesImage(event, filters) &&
    ["config", "node", "plugin", "secret", "service"].every((name) => !filters.has(name))
  );
}

function matchesAction(action: string, wanted: string): boolean {
  return action === wanted || (WITH_WORDS.includes(wanted) && action.startsWith(`${wanted}:`));
}

/** An image filter also finds the containers of the image, by its name with or without tag. */
function matchesImage({ Type, Actor }: EngineEvent, filters: Filters): boolean {
  if (!filters.has("image")) return true;
  const name = Type === "image" ? Actor.Attributes.name : Type === "container" ? Actor.Attributes.image : undefined;
  const bare = name?.replace(/:[^:/]*$/, "");
  return filters
    .values("image")
    .some((value) => name === value || bare === value || (Type === "image" && Actor.ID.startsWith(value)));
}

/** With the fields that clients from before API 1.22 know; containers' and images' events only. */
export function eventJson(event: EngineEvent): object {
  const { Type, Action, Actor } = event;
  const legacy =
    Type === "container"
      ? { status: Action, id: Actor.ID, from: Actor.Attributes.image ?? "" }
      : Type === "image"
        ? { status: Action, id: Actor.ID }
        : {};
  return { ...legacy, ...event };
}
