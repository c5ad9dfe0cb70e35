/** Events of images: labels of the image and the name by which it was meant. */
import type { EventBus } from "../events.ts";
import type { StoredImage } from "./ports.ts";

export function imageEvent(
  { events }: { events: EventBus },
  action: "pull" | "push" | "tag" | "untag" | "delete" | "import" | "load" | "save",
  id: string,
  name: string,
  image?: Pick<StoredImage, "config">,
): void {
  const Attributes = { ...image?.config.config?.Labels, name };
  events.publish({ Type: "image", Action: action, Actor: { ID: id, Attributes } });
}
