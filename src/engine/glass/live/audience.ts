/** Those who listen to a topic: the work is done once for all of them, and only while there are some. */
import type { StreamMessages } from "../../../wire/glass.ts";

export type Message = {
  event: keyof StreamMessages;
  json: string;
  /** It will not be said again: one who is too slow for it is cut off. */
  once?: boolean;
};
export type Member = {
  /** @returns false when it has not read what it got before: this one was left out */
  take(message: Message): boolean;
};
export type Source = {
  /** @param since nanoseconds: what it has heard already, if it was here before. @returns how to leave */
  join(member: Member, since?: bigint): () => void;
};
export type Audience = Source & { send(message: Message): void; members: ReadonlySet<Member> };

/**
 * @param begin called for the first, returns what is called after the last
 * @param welcome what a newcomer needs to begin with
 * @param left called for each that goes, before what was begun ends
 */
export function audience(
  begin: () => () => void,
  welcome: (member: Member, since?: bigint) => void = () => {},
  left: (member: Member) => void = () => {},
): Audience {
  const members = new Set<Member>();
  let end: (() => void) | undefined;
  return {
    members,
    join(member, since) {
      members.add(member);
      end ??= begin();
      welcome(member, since);
      return () => {
        left(member);
        if (!members.delete(member) || members.size > 0) return;
        end?.();
        end = undefined;
      };
    },
    send(message) {
      for (const member of [...members]) member.take(message);
    },
  };
}
