/** Short words on what was just done, or could not be: shown for some seconds, and read out. */
import { signal } from "@preact/signals";
import { ask, textOf } from "../api.ts";

export type Notice = { id: number; kind: "done" | "failed"; text: string };

const SHOWN_MS = 7000;
let last = 0;
export const notices = signal<readonly Notice[]>([]);

export function notify(kind: Notice["kind"], text: string): void {
  const notice = { id: ++last, kind, text };
  notices.value = [...notices.value.slice(-3), notice];
  setTimeout(() => dismiss(notice.id), kind === "failed" ? SHOWN_MS * 2 : SHOWN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Ask, and say how it went. @returns undefined when it failed */
export async function tell<T>(done: string, ...request: Parameters<typeof ask>): Promise<{ answer: T } | undefined> {
  try {
    const answer = await ask<T>(...request);
    if (done !== "") notify("done", done);
    return { answer };
  } catch (error) {
    notify("failed", textOf(error));
    return undefined;
  }
}
