/** A list that is told once and then by what has changed of it. */
import type { Member } from "./audience.ts";

/** @param same equal as long as nothing has changed */
export type Entry = { same: unknown; json: string };

/** @param write the message's JSON; items are JSON already */
export function deltas<K>(
  event: "containers" | "processes",
  write: (message: { full: boolean; items: string[]; gone: K[] }) => string,
) {
  let told: ReadonlyMap<K, Entry> | undefined;
  /** Those who have missed something, or came just now. */
  const behind = new Set<Member>();
  const all = (entries: ReadonlyMap<K, Entry>) =>
    write({ full: true, items: [...entries.values()].map(({ json }) => json), gone: [] });
  const tellAll = (member: Member, json: string) => {
    if (member.take({ event, json })) behind.delete(member);
    else behind.add(member);
  };
  return {
    /** At once, if the list is known by now. */
    welcome(member: Member): void {
      if (told === undefined) behind.add(member);
      else tellAll(member, all(told));
    },
    leave: (member: Member) => void behind.delete(member),
    /** @returns whether all members know it now */
    update(members: ReadonlySet<Member>, now: ReadonlyMap<K, Entry>): boolean {
      const before = told ?? new Map<K, Entry>();
      const items = [...now].flatMap(([key, { same, json }]) => (before.get(key)?.same === same ? [] : [json]));
      const gone = [...before.keys()].filter((key) => !now.has(key));
      told = now;
      const changed = items.length + gone.length > 0;
      const delta = changed ? write({ full: false, items, gone }) : "";
      const whole = behind.size > 0 ? all(now) : "";
      for (const member of members) {
        if (behind.has(member)) tellAll(member, whole);
        else if (changed && !member.take({ event, json: delta })) behind.add(member);
      }
      return behind.size === 0;
    },
    /** Nobody listens any more. */
    forget(): void {
      told = undefined;
      behind.clear();
    },
  };
}
