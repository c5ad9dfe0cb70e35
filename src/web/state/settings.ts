/** How the page looks; kept in this browser. */
import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const dark = matchMedia("(prefers-color-scheme: dark)");
const kept = read("theme");
/** undefined: as the system has it */
const chosen = signal<Theme | undefined>(kept === "light" || kept === "dark" ? kept : undefined);
const system = signal<Theme>(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => {
  system.value = dark.matches ? "dark" : "light";
});

export const theme = () => chosen.value ?? system.value;
/** For the back of a room. */
export const large = signal(read("large") === "yes");

export function toggleTheme(): void {
  chosen.value = theme() === "dark" ? "light" : "dark";
  write("theme", chosen.value);
}
export function toggleLarge(): void {
  large.value = !large.value;
  write("large", large.value ? "yes" : "no");
}

effect(() => {
  document.documentElement.dataset.theme = theme();
  document.documentElement.toggleAttribute("data-large", large.value);
});

/** A browser may forbid keeping anything. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(`cloche-${name}`);
  } catch {
    return null;
  }
}
function write(name: string, value: string): void {
  try {
    localStorage.setItem(`cloche-${name}`, value);
  } catch {
    // then it holds until the page is closed
  }
}
