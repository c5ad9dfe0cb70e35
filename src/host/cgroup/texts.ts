/** A cgroup's files as they were read last: where no text has changed, nothing has to be made of them anew. */
import type { OpenCgroup, Read } from "./reader.ts";

export function keepTexts(cgroup: Pick<OpenCgroup, "read">) {
  const texts = new Map<string, { controller: string; text: string | undefined }>();
  /** @returns whether it tells something else than before */
  const again = (controller: string, file: string): boolean => {
    const text = cgroup.read(controller, file);
    const known = texts.get(file);
    if (known === undefined) texts.set(file, { controller, text });
    else if (known.text === text) return false;
    else known.text = text;
    return true;
  };
  const read: Read = (controller, file) => {
    if (!texts.has(file)) again(controller, file);
    return texts.get(file)?.text;
  };
  return {
    again,
    /** As it was read last; a file that was not is read now. */
    read,
    /** @param which all that were ever read, if left out. @returns whether one of these tells something else than before */
    allAgain(which: (file: string) => boolean = () => true): boolean {
      let changed = false;
      for (const [file, { controller }] of texts) if (which(file)) changed = again(controller, file) || changed;
      return changed;
    },
    forget: () => texts.clear(),
  };
}
