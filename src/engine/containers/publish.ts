/** Container events, with the attributes that docker gives them. */
import type { EventBus } from "../events.ts";
import type { ContainerRecord } from "./container.ts";

/** Publish `action`; labels first, so that a label named "image" or "name" cannot lie. */
export function publish(
  events: EventBus,
  record: ContainerRecord,
  action: string,
  attributes: Record<string, string> = {},
): void {
  events.publish({
    Type: "container",
    Action: action,
    Actor: {
      ID: record.id,
      Attributes: { ...record.config.Labels, ...attributes, image: record.config.Image, name: record.name },
    },
  });
}
