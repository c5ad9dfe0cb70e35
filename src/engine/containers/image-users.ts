/** Which containers have an image: it cannot be removed while they do. */
import type { Containers } from "./store.ts";

export function imageUsers(
  store: Pick<Containers, "all">,
  imageId: string,
): { id: string; name: string; running: boolean }[] {
  return store
    .all()
    .filter(({ record }) => record.imageId === imageId)
    .map(({ record }) => ({ id: record.id, name: record.name, running: record.state.process !== undefined }));
}
