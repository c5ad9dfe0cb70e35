import { signal } from "@preact/signals";

/** The process pointed at, by its number on the host, and from which side. */
export const lit = signal<{ pid: number; from: "inside" | "outside" } | undefined>(undefined);
/** The one chosen, for the card between the lists. */
export const picked = signal<number | undefined>(undefined);
