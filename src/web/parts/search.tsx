import type { Signal } from "@preact/signals";

/** @param label what is found, for those who hear the page; @param hint what can be typed */
export function Search({ words, label, hint }: { words: Signal<string>; label: string; hint: string }) {
  return (
    <input
      type="search"
      aria-label={label}
      placeholder={hint}
      value={words.value}
      onInput={(event) => (words.value = event.currentTarget.value)}
    />
  );
}
